#!/usr/bin/env python3
"""A flood: 1,000 detectors of one building in alarm, removed and in need of service together; no fire is lost, and each is in the cloud in 3 s.

usage: flood_test.py --bin DIR [--seed S]
"""
import datetime
import pathlib
import time

from panel import DETECTOR, HEAD, Panel, relay_module, smoke_detector
from rig import wait_for
from scenario import main, say

BUSES, EACH = 20, 50
DETECTORS = BUSES * EACH
DOORS_PER_RELAY = 8
RELAY_UNIT = 200
P99_S = 3.0        # life safety, from the detector to the cloud (facts/lifesafety.md requirements 2 and 24)
LARGEST_MB = 300   # of each program
ZONE = """[bus.riser-{floor}]
type = "modbus-tcp"
port = "127.0.0.1:{port}"
[zone.{floor}F]
kind = "fire-compartment"
floor = "{floor}"
[effect.door-{floor}]
zone = "{floor}F"
output = "relay-{relay}/ch{channel}"
feedback = "relay-{relay}/in{channel}"
words = {{ off = "open", on = "locked" }}
safe = "open"
escape = true
[[linkage]]
when = {{ confirmed = "fire", zone = "{floor}F" }}
then = ["door-{floor}"]
mode = "latch"
"""
RELAY = """[device.relay-{relay}]
profile = "io/waveshare-io-8ch"
bus = "riser-{bus}"
address = {unit}
period = "500ms"
"""


class Building:
    """One panel (and thread) per bus would need a thread each: five panels serve four buses each."""

    def __init__(self):
        self.panels = [Panel(self._devices(part)) for part in range(5)]

    @staticmethod
    def _devices(part):
        devices = {unit: smoke_detector() for unit in range(1, 4 * EACH + 1)}
        return devices | {RELAY_UNIT + 1 + part: relay_module()}

    def place(self, number):
        """(panel, unit) of a detector; each bus has its own fifty units of its panel."""
        bus, unit = divmod(number, EACH)
        return bus % 5, (bus // 5) * EACH + unit + 1

    def set(self, number, bit, level):
        panel, unit = self.place(number)
        self.panels[panel].devices[unit].discrete[bit] = level

    def config(self, field_port):
        text = HEAD.format(field=field_port)
        relays = -(-BUSES // DOORS_PER_RELAY)
        for relay in range(relays):
            text += RELAY.format(relay=relay, bus=relay, unit=RELAY_UNIT + 1 + relay)
        for bus in range(BUSES):
            relay, channel = divmod(bus, DOORS_PER_RELAY)
            text += ZONE.format(floor=bus, port=self.panels[bus % 5].port, relay=relay, channel=channel + 1)
        for number in range(DETECTORS):
            bus = number // EACH
            text += DETECTOR.format(name=f"smoke-{number:04d}", unit=self.place(number)[1], zone=f"{bus}F", floor=bus).replace(
                'period = "200ms"', 'period = "1s"')
        return text

    def stop(self):
        for panel in self.panels:
            panel.stop()


def moment(text):
    return datetime.datetime.fromisoformat(text).timestamp()


def memory_mb(process):
    status = pathlib.Path(f"/proc/{process.child.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def in_cloud(rig, rule):
    return [alarm for alarm in rig.all_alarms() if alarm["rule"] == rule]


def fires(rig):
    return [alarm for alarm in rig.all_alarms() if alarm["class"] == "fire"]


def scenario(rig, options):
    building = Building()
    rig.start(building.config(rig.ports["field"]))
    wait_for("1,000 detectors answer and are quiet", lambda: not rig.status()["lost"] and not rig.status()["open_alarms"], 30, 0.2)
    for number in range(DETECTORS):  # both wait for their 10 s
        building.set(number, 0, 0)
        building.set(number, 1, 1)
    time.sleep(9.5)
    begun = time.time()
    for number in range(DETECTORS):
        building.set(number, 2, 1)
    # The list is long: it is read when the gateway says that everything is acknowledged.
    wait_for("the gateway has all of it", lambda: rig.status()["open_alarms"] >= 3 * DETECTORS + BUSES, 15, 0.5)
    for number in range(DETECTORS):  # and 2,000 alarms end again
        building.set(number, 0, 1)
        building.set(number, 1, 0)
    def settled():
        status = rig.status()
        lane = next(lane for lane in status["lanes"] if lane["lane"] == "alarm")
        return lane if status["open_alarms"] <= DETECTORS + 2 * BUSES and lane["waiting"] == 0 else None
    lane = wait_for("everything is told and acknowledged", settled, 20, 0.5)
    took = time.time() - begun
    found = fires(rig)
    smoke = {alarm["device"] for alarm in found if alarm["rule"] == "smoke"}
    confirmed = {alarm["device"] for alarm in found if alarm["rule"] == "confirmed"}
    assert len(smoke) == DETECTORS, f"{DETECTORS - len(smoke)} detectors' alarms are missing"
    assert len(confirmed) == BUSES, f"{BUSES - len(confirmed)} confirmed fires are missing"
    delays = sorted(moment(alarm["times"]["cloud"]) - begun for alarm in found if alarm["rule"] == "smoke")
    p99 = delays[len(delays) * 99 // 100]
    sizes = {name: memory_mb(rig.processes[name]) for name in ("gateway", "cloud")}
    say(f"{lane['head']} records in {took:.1f} s; " + ", ".join(f"{name} {size:.0f} MB" for name, size in sizes.items()))
    assert lane["head"] >= 5000, f"only {lane['head']} records: no flood"
    assert p99 <= P99_S, f"p99 of life safety is {p99:.2f} s"
    assert max(sizes.values()) <= LARGEST_MB, sizes
    building.stop()
    return f"flood: {len(smoke) + len(confirmed)} life-safety alarms among {lane['head']} records, p50 {delays[len(delays) // 2]:.2f} s, p99 {p99:.2f} s, 0 lost: good"


if __name__ == "__main__":
    main(scenario)
