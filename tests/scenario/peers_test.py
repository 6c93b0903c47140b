#!/usr/bin/env python3
"""Devices of another maker: the gateway reads and writes python3-pymodbus over TCP and RTU, and mbpoll reads the same values.

usage: peers_test.py --bin DIR [--seed S]
"""
import os
import re
import select
import socket
import struct
import subprocess
import threading
import tty

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.factory import ServerDecoder
from pymodbus.transaction import ModbusRtuFramer, ModbusSocketFramer

from rig import wait_for
from scenario import end_in_order, find_alarm, main, say, start_until_watching

SMOKE, RELAY, METER = 1, 9, 10
SMOKE_BIT, COILS, DISCRETE, INPUT = 2, 1, 2, 4  # the tables' function codes
METER_POINTS = {"voltage": 0, "current": 6, "power": 12, "frequency": 70, "import": 72, "total": 342}  # input registers, float ABCD
METER_VALUES = {"voltage": 229.75, "current": -3.5, "power": 1234.0625, "frequency": 49.96875, "import": 98765.0, "total": 123456.5}

CONFIG = """gateway = {{ id = "wangjing-b12", board = "generic-x86" }}
site    = {{ adcode = "110105", community = "wangjing-west", building = "b12", lat = 39.99, lon = 116.47 }}
cloud   = {{ brokers = ["mqtt://127.0.0.1:{broker}"] }}
[zone.3F]
kind = "fire-compartment"
"""
BUS = """[bus.{line}]
type = "{kind}"
port = "{port}"
[device.smoke-{line}]
profile = "smoke/uniguard-ug3"
bus = "{line}"
address = 1
zone = "3F"
period = "500ms"
deadline = "6s"
[device.relay-{line}]
profile = "io/waveshare-io-8ch"
bus = "{line}"
address = 9
period = "500ms"
[device.meter-{line}]
profile = "meter/sdm120"
bus = "{line}"
address = 10
period = "1s"
[effect.door-{line}]
zone = "3F"
output = "relay-{line}/ch1"
feedback = "relay-{line}/in1"
words = {{ off = "open", on = "locked" }}
safe = "open"
escape = true
[[linkage]]
when = {{ confirmed = "fire", zone = "3F" }}
then = ["door-{line}"]
mode = "latch"
"""


def device(discrete=(), coils=(), registers=()):
    blocks = {"di": discrete, "co": coils, "ir": registers}
    return ModbusSlaveContext(zero_mode=True, **{name: ModbusSequentialDataBlock(0, list(values) or [0]) for name, values in blocks.items()})


def meter():
    words = [0] * 0x160
    for point, address in METER_POINTS.items():
        words[address:address + 2] = struct.unpack(">HH", struct.pack(">f", METER_VALUES[point]))
    return device(registers=words)


class PymodbusLine:
    """pymodbus' framer, decoder and stores behind one file descriptor at a time; its own servers need pyserial."""

    def __init__(self, framer):
        self.units = {SMOKE: device(discrete=[1, 0, 0, 0]), RELAY: device(discrete=[1] * 8, coils=[1] * 8), METER: meter()}
        self.context = ModbusServerContext(slaves=self.units, single=False)
        self.framer_of, self.ending = framer, False
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def stop(self):
        self.ending = True
        self.thread.join(5)

    def talk(self, descriptor):
        """Answers what comes on the descriptor until its end."""
        framer = self.framer_of(ServerDecoder())
        def answer(request):
            response = request.execute(self.context[request.unit_id])
            response.transaction_id, response.unit_id = request.transaction_id, request.unit_id
            os.write(descriptor, framer.buildPacket(response))
        while not self.ending:
            if not select.select([descriptor], [], [], 0.1)[0]:
                continue
            data = os.read(descriptor, 512)
            if not data:
                return
            framer.processIncomingPacket(data, answer, list(self.units))


class TcpPeer(PymodbusLine):
    kind = "modbus-tcp"

    def __init__(self):
        super().__init__(ModbusSocketFramer)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(0.1)
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread.start()

    def serve(self):
        while not self.ending:
            try:
                line, _ = self.listener.accept()
            except TimeoutError:
                continue
            with line:
                self.talk(line.fileno())
        self.listener.close()

    def mbpoll_target(self):
        host, port = self.address.split(":")
        return ["-m", "tcp", "-p", port], host


class RtuPeer(PymodbusLine):
    kind = "modbus-rtu"

    def __init__(self):
        super().__init__(ModbusRtuFramer)
        self.ours, self.theirs = os.openpty()  # the far end stays open here, so that nobody's close ends the line
        tty.setraw(self.theirs)
        self.address = os.ttyname(self.theirs)
        self.thread.start()

    def serve(self):
        self.talk(self.ours)
        os.close(self.ours)
        os.close(self.theirs)

    def mbpoll_target(self):
        return ["-m", "rtu", "-b", "9600", "-P", "none"], self.address


def mbpoll(peer, unit, table, first, count, kind):
    """Values by address, as mbpoll reads them; table 0 coils, 1 discrete inputs, 3 input registers."""
    how, where = peer.mbpoll_target()
    done = subprocess.run(["mbpoll", *how, "-0", "-1", "-q", "-B", "-o", "2", "-a", str(unit), "-t", f"{table}{kind}", "-r", str(first),
                           "-c", str(count), where], capture_output=True, text=True, timeout=20, check=False)
    found = {int(address): float(value) for address, value in re.findall(r"^\[(\d+)\]:\s+(\S+)", done.stdout, re.MULTILINE)}
    assert done.returncode == 0 and len(found) == count, f"mbpoll: {done.stdout}{done.stderr}"
    return found


def read(rig, target):
    code, answer = rig.tocsin("read", target)
    assert code == 0, f"read {target}: {answer}"
    return {item["point"].split("/")[1]: item["value"] for item in answer["items"]}


def compare(ours, peer):
    """What `tocsin read --json` showed and what mbpoll reads of the same registers."""
    bits = mbpoll(peer, SMOKE, 1, 0, 4, "")
    for address, point in enumerate(("mounted", "service", "smoke", "relay")):
        assert ours["smoke"][point] == bool(bits[address]), f"{point}: {ours['smoke']} and {bits}"
    for table, prefix in ((0, "ch"), (1, "in")):
        bits = mbpoll(peer, RELAY, table, 0, 8, "")
        for address in range(8):
            assert ours["relay"][f"{prefix}{address + 1}"] == bool(bits[address]), f"{prefix}: {ours['relay']} and {bits}"
    for point, address in METER_POINTS.items():
        value = mbpoll(peer, METER, 3, address, 1, ":float")[address]
        assert ours["meter"][point] == METER_VALUES[point], f"{point}: {ours['meter'][point]} instead of {METER_VALUES[point]}"
        assert abs(value - METER_VALUES[point]) <= abs(METER_VALUES[point]) * 1e-5, f"{point}: mbpoll reads {value}"
    return 4 + 16 + len(METER_POINTS)


def smoke_becomes_alarm(rig, line, peer):
    peer.units[SMOKE].setValues(DISCRETE, SMOKE_BIT, [1])
    alarm = wait_for(f"smoke in pymodbus ({line}) becomes an alarm",
                     lambda: find_alarm(rig, device=f"smoke-{line}", point="smoke", klass="fire"), 10, 0.1)
    assert alarm["stage"] == "prealarm" and alarm["bits"]["active"], alarm


def door_is_released(peer):
    """A coil that the gateway wrote stands in the store of pymodbus."""
    return peer.units[RELAY].getValues(COILS, 0, 1) == [False] or peer.units[RELAY].getValues(COILS, 0, 1) == [0]


def scenario(rig, options):
    peers = {"tcp": TcpPeer(), "rtu": RtuPeer()}
    try:
        text = CONFIG.format(broker=rig.ports["field"])
        text += "".join(BUS.format(line=line, kind=peer.kind, port=peer.address) for line, peer in peers.items())
        rig.write_gateway_config(text)
        start_until_watching(rig)
        wait_for("every device answers", lambda: not rig.status()["lost"] and
                 all(device["good"] for bus in rig.status()["buses"] for device in bus["devices"]), 30, 0.2)
        for line, peer in peers.items():
            assert not door_is_released(peer)
            smoke_becomes_alarm(rig, line, peer)
        wait_for("two detectors on two lines confirm the fire", lambda: find_alarm(rig, rule="confirmed", zone="3F"), 10, 0.1)
        for line, peer in peers.items():
            wait_for(f"the coil written over {line} arrives in pymodbus", lambda: door_is_released(peer), 10)
        say("smoke over TCP and RTU became alarms and a confirmed fire; both coils were written")
        ours = {line: {name: read(rig, f"{name}-{line}") for name in ("smoke", "relay", "meter")} for line in peers}
        assert end_in_order(rig.processes["gateway"]) == 0  # a serial line has one master
        values = sum(compare(ours[line], peer) for line, peer in peers.items())
    finally:
        for peer in peers.values():
            peer.stop()
    return f"{values} values read alike by the gateway and mbpoll, over TCP and RTU, seed {options.seed}"


if __name__ == "__main__":
    main(scenario)
