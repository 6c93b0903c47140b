#!/usr/bin/env python3
"""Meters of three protocols on slow and faulty lines: no wrong total is ever stored, what happened is said.

usage: meters_test.py --bin DIR [--seed S]
"""
import json
import time

from rig import GATEWAY, ROOT, wait_for
from scenario import GatewayLedger, alive, main, say, start_until_watching

FAULT_SECONDS = 5
FAULTS = ["late=0.03@2300ms", "truncate=0.04", "drip=0.03@15ms", "noise=0.04", "corrupt=0.04", "wrong-address=0.03", "echo=0.04",
          "babble=0.03@400ms", "exception=0.03", "silent=0.03", "zero=0.05", "jump=0.05"]

# line -> (kind of bus, baud, [(device, profile, address in the configuration, meter of the simulator, counter)])
LINES = {
    "electricity": ("dlt645", 9600, [
        ("e-2007", "meter/dlt645-2007", "181226034194", "dlt645-2007:181226034194,total=1234.56,rate=36,split=3", "import"),
        ("e-1997", "meter/dlt645", "000000000042", "dlt645-1997:000000000042,total=999999.00,rate=180", "import"),
    ]),
    "mixed": ("cjt188", 9600, [  # electricity and water meters on one line
        ("e-mixed", "meter/dlt645", "000000000043", "dlt645-2007:000000000043,total=4321.00,rate=36", "import"),
        ("w-high", "water/cjt188", "00000010000192", "water:00000010000192,total=2222.00,rate=18,order=high", "total"),
        ("g-low", "meter/cjt188-gas", "30/00000010000193", "gas:00000010000193,total=77.70,rate=36,order=low", "total"),
        ("h-2e", "heat/cjt188", "00000010000194", "heat:00000010000194,total=500.25,rate=360", "energy"),
        ("h-2b", "heat/cjt188", "00000010000195", "heat-short:00000010000195,total=600.25,rate=360", "energy"),
    ]),
    "mbus": ("mbus", 2400, [
        ("m-water", "water/mbus", 5, "mbus-water:5,total=50.00,rate=18,serial=11111111", "total"),
        ("m-heat", "heat/mbus", 6, "mbus-heat:6,total=700,rate=1080,split=2,serial=22222222", "energy"),
    ]),
}
HEAD = f"""gateway = {{ id = "{GATEWAY}", board = "generic-x86" }}
site    = {{ adcode = "110105", community = "wangjing-west", building = "b12", lat = 39.99, lon = 116.47 }}
cloud   = {{ brokers = ["mqtt://127.0.0.1:@FIELD@"] }}
"""


def config(rig):
    text = HEAD
    for line, (kind, baud, meters) in LINES.items():
        text += f'[bus.{line}]\ntype = "{kind}"\nport = "{rig.dir / line}"\nbaud = {baud}\n'
        for device, profile, address, _, _ in meters:
            text += f'[device.{device}]\nprofile = "{profile}"\nbus = "{line}"\naddress = {json.dumps(address)}\nperiod = "1500ms"\n'
    return text


class Truth:
    """Each counter's true total lies between two lines that began when the simulator did."""

    def __init__(self):
        self.began, self.meters = time.time(), {}
        for _, _, meters in LINES.values():
            for device, _, _, simulated, counter in meters:
                settings = dict(pair.split("=") for pair in simulated.split(",")[1:])
                self.meters[device, counter] = (float(settings["total"]), float(settings["rate"]))

    def change(self, device, counter, total, at):
        self.meters[device, counter] = (total - (at - self.began) / 3600 * self.meters[device, counter][1], self.meters[device, counter][1])

    def wrong(self, device, counter, value, at):
        """How far off, or nothing. A read may be as old as the slowest answer, and a register shows whole units."""
        total, rate = self.meters[device, counter]
        now = total + rate * (at - self.began) / 3600
        slack = rate * 6 / 3600 + (1.01 if device.startswith("m-heat") else 0.03)
        off = min(abs((now - value) % 1e6), abs((value - now) % 1e6))
        return None if off <= slack else f"{device}/{counter} = {value} where {now:.2f} is true"


class Watcher:
    """Every reading as it is stored: `tocsin watch` shows the readings that go into the blocks of lane data."""

    total_values, marks = 0, {}  # of all watchers

    def __init__(self, rig, truth):
        self.rig, self.truth, self.read, self.paused = rig, truth, 0, set()
        self.wrong, self.last, self.days = [], {}, {}
        self.process = rig.run(f"watch-{time.monotonic_ns()}", [rig.bin / "tocsin", "--socket", rig.socket, "watch", "--json"], lines=True)

    def look(self):
        lines = self.process.lines
        while self.read < len(lines):
            at, line = lines[self.read]
            self.read += 1
            reading = json.loads(line)
            if "point" not in reading:
                continue
            device, point = reading["point"].split("/")
            self.marks[reading["quality"]] = self.marks.get(reading["quality"], 0) + 1
            if point.endswith(".day") and reading["quality"] == "good":
                self.days[device] = (reading["value"], reading["source_time"])
            if (device, point) not in self.truth.meters:
                continue
            if reading["quality"].startswith("bad"):
                assert reading["value"] is None, f"a failed read has a value: {line}"
                continue
            Watcher.total_values += 1
            self.last[device] = (at, reading["value"], reading["quality"])
            wrong = self.truth.wrong(device, point, reading["value"], at) if device not in self.paused else None
            if wrong:
                self.wrong.append(wrong)
        assert not self.wrong, self.wrong[:5]

    def all_good_since(self, moment, devices=None):
        self.look()
        wanted = devices or {device for device, _ in self.truth.meters}
        return all(self.last.get(device, (0,))[0] > moment for device in wanted)


def order(sims, text):
    for sim in sims.values():
        sim.order(text)


def start_sims(rig, seed):
    sims = {}
    for line, (_, baud, meters) in LINES.items():
        arguments = [part for meter in meters for part in ("--meter", meter[3])]
        sims[line] = rig.run(f"sim-{line}", [rig.bin / "tocsin-sim", "meters", "--pty", rig.dir / line, "--baud", baud, "--seed", seed] + arguments,
                             lines=True, stdin=True)
    wait_for("the meters are ready", lambda: all(sim.lines for sim in sims.values()), 10)
    return sims


def fault_counts(sims):
    for sim in sims.values():
        sim.lines.clear()
    order(sims, "counts")
    wait_for("the simulators count", lambda: all(sim.lines for sim in sims.values()), 10)
    total = {}
    for sim in sims.values():
        for name, count in json.loads(sim.lines[-1][1])["answers"].items():
            total[name] = total.get(name, 0) + count
    return total


def events(rig):
    ledger = GatewayLedger(rig.dir / "gateway")
    return b"\n".join(body for (lane, _), body in ledger.records.items() if lane == "event")


def scenario(rig, options):
    truth = Truth()
    sims = start_sims(rig, options.seed)
    rig.write_gateway_config(config(rig))
    start_until_watching(rig)
    watcher = Watcher(rig, truth)
    wait_for("every meter is read, in its edition and byte order", lambda: watcher.all_good_since(0), 20, 0.1)
    say(f"{len(truth.meters)} meters read on three lines; midnight of {sorted(watcher.days)} came from the meter")

    for fault in FAULTS:
        order(sims, f"fault {fault}")
    end = time.monotonic() + FAULT_SECONDS
    while time.monotonic() < end:
        watcher.look()
        time.sleep(0.1)
    for fault in FAULTS:
        order(sims, f"fault {fault.split('=')[0]}=0")
    counts = fault_counts(sims)
    say("answers: " + ", ".join(f"{count} {name}" for name, count in sorted(counts.items())))
    assert sum(counts.values()) > counts.get("none", 0) + 2, "hardly any fault happened"

    order(sims, "unplug 1500ms")
    moment = time.time() + 1.5
    wait_for("all meters are back after the cable was out", lambda: watcher.all_good_since(moment), 25, 0.1)

    watcher.paused = {"m-water"}  # another meter: its total is another one's
    sims["mbus"].order("set 5 serial=33333333,total=3.00")
    wait_for("the new meter's total is believed", lambda: watcher.all_good_since(0) and watcher.last["m-water"][1] < 4, 20, 0.1)
    truth.change("m-water", "total", 3.0, time.time())
    held = rig.status()["meters"]
    say(f"held back {held['held_back']}, of these single wrong reads {held['dropped']}, believed after a second read {held['changes']}")

    rig.processes["gateway"].kill()
    order(sims, "fault zero=1")  # the first reads after the start are lies: what was believed before must be known
    start_until_watching(rig)
    watcher = Watcher(rig, truth)
    time.sleep(1.2)
    order(sims, "fault zero=0")
    held = wait_for("zeros are held back", lambda: rig.status()["meters"]["held_back"], 5)
    say(f"after a kill and a start, {held} zeros held back")
    moment = time.time()
    wait_for("all meters are believed after the restart", lambda: watcher.all_good_since(moment), 20, 0.1)
    alive(rig, "gateway")
    rig.processes["gateway"].stop()

    said = events(rig)
    assert b"meter-replaced" in said and b"11111111 by 33333333" in said, "the replaced meter was not told"
    assert b"meter-rollover" in said, "the rollover was not told"
    return f"{watcher.total_values} totals seen, marks {watcher.marks}: 0 wrong"


if __name__ == "__main__":
    main(scenario)
