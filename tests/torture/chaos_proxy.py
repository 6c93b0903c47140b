"""A TCP proxy that understands MQTT packets and does to them what bad networks do. Seeded; changed while it runs.

Runs in a thread of its own; the attributes of `faults` may be set from any thread and count from the next packet on.
"""
import asyncio
import dataclasses
import random
import socket
import struct
import threading

PUBLISH, PUBACK = 3, 4


@dataclasses.dataclass
class Faults:
    delay_s: float = 0.0        # each packet, plus up to as much again
    bytes_per_second: int = 0   # 0: as fast as it goes
    half_open: bool = False     # nothing passes, nothing closes
    copies: int = 1             # of each PUBLISH
    reorder: float = 0.0        # share of PUBLISHes that the next packet overtakes, whenever it comes
    drop_app_acks: bool = False  # down/ack never arrives; the broker is told that it did
    drop_pubacks: bool = False  # the broker's PUBACKs never arrive


def packet_size(data):
    """Of the packet at the front of `data`: None while its head is incomplete."""
    size = shift = 0
    for at in range(1, 5):
        if len(data) <= at:
            return None
        size |= (data[at] & 0x7F) << shift
        shift += 7
        if data[at] < 0x80:
            return 1 + at + size
    raise ValueError("no MQTT packet")


def publish_head(packet):
    """(topic, packet identifier or None) of a PUBLISH."""
    at = 1
    while packet[at] >= 0x80:
        at += 1
    at += 1
    size = struct.unpack_from(">H", packet, at)[0]
    topic = packet[at + 2:at + 2 + size].decode(errors="replace")
    qos = packet[0] >> 1 & 3
    return topic, struct.unpack_from(">H", packet, at + 2 + size)[0] if qos else None


class ChaosProxy:
    def __init__(self, target_port, seed):
        self.target_port, self.faults = target_port, Faults()
        self.random = random.Random(seed)
        self.seen = {}  # newest packet by the end of its topic, for tests that repeat or change one
        self._writers = set()
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait(10)

    def heal(self):
        self.faults = Faults()

    def cut(self):
        """Resets every connection."""
        self._loop.call_soon_threadsafe(self._reset_all)

    def stop(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self, ready):
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        self._server.close()
        self._reset_all()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))

    def _reset_all(self):
        for writer in list(self._writers):
            line = writer.get_extra_info("socket")
            if line is not None:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def _accept(self, reader, writer):
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
        except OSError:
            writer.transport.abort()
            return
        pair = {writer, up_writer}
        for one in pair:
            one.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._writers |= pair
        try:
            await asyncio.wait([asyncio.ensure_future(self._pump(reader, up_writer, writer)),
                                asyncio.ensure_future(self._pump(up_reader, writer, up_writer))],
                               return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._writers -= pair
            for one in pair:
                one.transport.abort()

    async def _pump(self, reader, writer, back):
        """Packets from `reader` to `writer`; `back` answers the sender."""
        buffered, held = bytearray(), None
        try:
            while True:
                size = packet_size(buffered)
                while size is None or len(buffered) < size:
                    part = await reader.read(65536)
                    if not part:
                        return
                    buffered += part
                    size = packet_size(buffered)
                packet = bytes(buffered[:size])
                del buffered[:size]
                held = await self._forward(packet, held, writer, back)
        except (OSError, ValueError):
            pass

    async def _forward(self, packet, held, writer, back):
        """Returns the packet that the next one is to overtake."""
        faults, kind = self.faults, packet[0] >> 4
        while self.faults.half_open:
            await asyncio.sleep(0.05)
        if faults.delay_s:
            await asyncio.sleep(faults.delay_s * (1 + self.random.random()))
        if faults.bytes_per_second:
            await asyncio.sleep(len(packet) / faults.bytes_per_second)
        if kind == PUBACK and faults.drop_pubacks:
            return held
        if kind == PUBLISH:
            topic, number = publish_head(packet)
            self.seen[topic.rsplit("/", 2)[-2] + "/" + topic.rsplit("/", 1)[-1]] = packet
            if topic.endswith("/down/ack") and faults.drop_app_acks:
                if number is not None:
                    back.write(bytes([PUBACK << 4, 2]) + struct.pack(">H", number))
                return held
            if held is None and self.random.random() < faults.reorder:
                return packet
            packet = packet * faults.copies
        writer.write(packet + (held or b""))
        await writer.drain()
        return None
