"""A Modbus TCP slave in plain Python: many devices behind one port, set from the test, and wrong on demand."""
import selectors
import socket
import struct
import threading


class Device:
    """One unit: bits and words by address; an address that is absent is answered by exception 2."""

    def __init__(self, discrete=(), coils=(), words=()):
        self.discrete = dict(enumerate(discrete))
        self.coils = dict(enumerate(coils))
        self.words = dict(enumerate(words))
        self.moved = []  # (coil, level) of every write that changed a coil of this device, in order


def smoke_detector():
    return Device(discrete=[1, 0, 0, 0])  # mounted, service, smoke, relay


def relay_module():
    """Eight outputs whose inputs follow at once."""
    module = Device(coils=[0] * 8)
    module.discrete = module.coils
    return module


class Panel:
    """Serves `devices` {unit: Device} on loopback from its own thread. `wrong` turns an answer into another."""

    def __init__(self, devices):
        self.devices, self.wrong = devices, None
        self.movements = []  # (coil, level) of every write that changed a coil, in order
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.poll = selectors.DefaultSelector()
        self.poll.register(self.listener, selectors.EVENT_READ)
        self.waker, waked = socket.socketpair()
        self.poll.register(waked, selectors.EVENT_READ, "end")
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def stop(self):
        self.waker.send(b"x")
        self.thread.join(5)

    def _serve(self):
        while True:
            for key, _ in self.poll.select():
                if key.data == "end":
                    self._close_all()
                    return
                if key.fileobj is self.listener:
                    line, _ = self.listener.accept()
                    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self.poll.register(line, selectors.EVENT_READ, bytearray())
                else:
                    self._receive(key.fileobj, key.data)

    def _close_all(self):
        for key in list(self.poll.get_map().values()):
            key.fileobj.close()
        self.poll.close()

    def _receive(self, line, buffered):
        try:
            data = line.recv(4096)
            buffered += data
            while len(buffered) >= 8 and len(buffered) >= 6 + struct.unpack_from(">H", buffered, 4)[0]:
                size = 6 + struct.unpack_from(">H", buffered, 4)[0]
                answer = self._answer(bytes(buffered[:size]))
                del buffered[:size]
                if answer:
                    line.sendall(answer)
        except OSError:
            data = b""
        if not data:
            self.poll.unregister(line)
            line.close()

    def _answer(self, request):
        number, unit, pdu = request[0:2], request[6], request[7:]
        device = self.devices.get(unit)
        answer = None
        if device is not None:
            done = self._perform(device, pdu)
            answer = number + b"\0\0" + struct.pack(">HB", len(done) + 1, unit) + done
        return self.wrong(request, answer) if self.wrong else answer

    def _move(self, device, coil, level):
        if device.coils[coil] != level:
            self.movements.append((coil, level))
            device.moved.append((coil, level))
        device.coils[coil] = level

    def _perform(self, device, pdu):
        function, address, count = struct.unpack(">BHH", pdu[:5])
        try:
            if function in (1, 2):
                table = device.coils if function == 1 else device.discrete
                bits = [table[address + i] for i in range(count)]
                packed = bytes(sum(bits[i + j] << j for j in range(8) if i + j < count) for i in range(0, count, 8))
                return bytes([function, len(packed)]) + packed
            if function in (3, 4):
                words = [device.words[address + i] for i in range(count)]
                return bytes([function, 2 * count]) + struct.pack(f">{count}H", *words)
            if function == 5 and address in device.coils:
                self._move(device, address, 1 if count == 0xFF00 else 0)
                return pdu[:5]
        except KeyError:
            pass
        return bytes([function | 0x80, 2])


HEAD = """gateway = {{ id = "wangjing-b12", board = "generic-x86" }}
site    = {{ adcode = "110105", community = "wangjing-west", building = "b12", lat = 39.99, lon = 116.47 }}
cloud   = {{ brokers = ["mqtt://127.0.0.1:{field}"] }}
"""
ZONE = """[bus.riser-{floor}]
type = "modbus-tcp"
port = "127.0.0.1:{port}"
[zone.{zone}]
kind = "fire-compartment"
floor = "{floor}"
[effect.door-{floor}]
zone = "{zone}"
output = "relay-1/ch{floor}"
feedback = "relay-1/in{floor}"
words = {{ off = "open", on = "locked" }}
safe = "open"
escape = true
[[linkage]]
when = {{ confirmed = "fire", zone = "{zone}" }}
then = ["door-{floor}"]
mode = "latch"
"""
DETECTOR = """[device.{name}]
profile = "smoke/uniguard-ug3"
bus = "riser-{floor}"
address = {unit}
zone = "{zone}"
period = "200ms"
deadline = "6s"
"""
RELAY = """[device.relay-1]
profile = "io/waveshare-io-8ch"
bus = "riser-1"
address = {unit}
period = "200ms"
"""


class SmokeBuilding:
    """`zones` x `each` smoke detectors, one door and one bus per zone, behind one Panel; and the gateway.toml that speaks of them."""
    RELAY_UNIT = 200

    def __init__(self, zones, each):
        self.zones = [f"{floor}F" for floor in range(1, zones + 1)]
        self.units = {zone: [index * each + i + 1 for i in range(each)] for index, zone in enumerate(self.zones)}
        devices = {unit: smoke_detector() for units in self.units.values() for unit in units}
        devices[self.RELAY_UNIT] = relay_module()
        self.panel = Panel(devices)

    def config(self, field_port):
        text = HEAD.format(field=field_port) + RELAY.format(unit=self.RELAY_UNIT)
        for zone in self.zones:
            floor = zone[:-1]
            text += ZONE.format(zone=zone, floor=floor, port=self.panel.port)
            for unit in self.units[zone]:
                text += DETECTOR.format(name=self.name_of(unit), unit=unit, zone=zone, floor=floor)
        return text

    @staticmethod
    def name_of(unit):
        return f"smoke-{unit:03d}"

    def smoke(self, unit, present):
        self.panel.devices[unit].discrete[2] = 1 if present else 0

    def clear(self, zone):
        for unit in self.units[zone]:
            self.smoke(unit, False)

    def is_smoking(self, zone):
        return any(self.panel.devices[unit].discrete[2] for unit in self.units[zone])
