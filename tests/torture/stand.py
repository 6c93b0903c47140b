"""One tortured chain: real programs behind a chaos proxy, a building that burns, and the verdict at the end."""
import json
import random
import socket
import time

from burst import LANES, Burst, calm_down, city_is_complete, compare_open, compare_stores
from chaos_proxy import ChaosProxy
from panel import Device, SmokeBuilding
from rig import GATEWAY, ROOT, Rig, wait_for  # some of these names are for the tests
from scenario import alive, check_city_log, end_in_order, rows_of, say
from shim import Shim

METER_UNIT = 210  # and following
METER = """[device.meter-{number}]
profile = "meter/sdm120"
bus = "meters"
address = {unit}
period = "{period}"
"""
METER_BUS = '[bus.meters]\ntype = "modbus-tcp"\nport = "127.0.0.1:{port}"\n'
METER_READINGS = 9  # points of a meter


class TorturedRig(Rig):
    """A rig some of whose programs are started under a prefix: the shim, or another port of the broker."""

    def __init__(self, bin_dir):
        super().__init__(bin_dir)
        self.prefix = {}

    def run(self, name, command, **options):
        return super().run(name, [*self.prefix.get(name, []), *command], **options)

    def ask(self, request, seconds=5):
        """The daemon's answer on its control socket, or None: no process is started for it."""
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(seconds)
                line.connect(str(self.socket))
                line.sendall(json.dumps(request).encode() + b"\n")
                answer = b""
                while not answer.endswith(b"\n"):
                    part = line.recv(65536)
                    if not part:
                        break
                    answer += part
            return json.loads(answer)
        except (OSError, ValueError):
            return None

    def status(self):
        return self.ask({"op": "status"}) or {}

    def cloud_answers(self):
        try:
            return self.api("/healthz") is not None
        except (OSError, ValueError):
            return False


class Verdict:
    """What a test leaves for the last line."""

    def __init__(self, alarms=0):
        self.alarms, self.kills, self.lost, self.duplicated = alarms, 0, 0, 0

    def add(self, other):
        self.kills += other.kills
        self.alarms += other.alarms
        self.lost += other.lost
        self.duplicated += other.duplicated


class Stand:
    """with Stand(options, seed) as stand: … stand.verdict(). The last zone is kept for the fire that proves, after all
    that was done, that the chain is whole again."""

    def __init__(self, options, seed, zones=4, detectors=8, meters=0, period="1s", shim=False):
        self.options, self.random = options, random.Random(seed)
        self.rig = TorturedRig(options.bin)
        self.building = SmokeBuilding(zones, detectors)
        for coil in range(zones):
            self.building.panel.devices[SmokeBuilding.RELAY_UNIT].coils[coil] = 1
        self.meters, self.period = meters, period
        for number in range(meters):
            self.building.panel.devices[METER_UNIT + number] = Device(words=[0x4360 + number] * 400)
        self.proxy = ChaosProxy(self.rig.ports["field"], seed)
        self.shim = Shim(options.shim, self.rig.dir) if shim else None
        if self.shim:
            self.rig.prefix["gateway"] = self.shim.prefix
        self.burst = Burst(self.rig, self.building, self.random, self.building.zones[:-1])
        self.good = False

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.good = kind is None
        self.building.panel.stop()
        self.proxy.stop()
        self.rig.stop(keep_files=not self.good)
        if not self.good:
            say(f"logs are in {self.rig.dir}")

    def config(self):
        text = self.building.config(self.proxy.port)
        if self.meters:
            text += METER_BUS.format(port=self.building.panel.port)
            for number in range(self.meters):
                text += METER.format(number=number, unit=METER_UNIT + number, period=self.period)
        return text

    def start(self):
        self.rig.start(self.config())
        return self

    def churn(self, seconds, pause=(0.01, 0.12)):
        """Fires flare up and go out for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.burst.step()
            time.sleep(self.random.uniform(*pause))

    def store_failing(self):
        return self.rig.status().get("store", {}).get("failing", False)

    def waiting(self, lane):
        lanes = {one["lane"]: one["waiting"] for one in self.rig.status().get("lanes", [])}
        return lanes.get(lane, 1 << 60)

    def restart_gateway(self):
        """Seconds from the start of the program until it answers."""
        start = time.monotonic()
        self.rig.start_gateway()
        wait_for("the gateway is ready", lambda: alive(self.rig, "gateway") and self.rig.status().get("gateway"), 30, 0.01)
        return time.monotonic() - start

    def restart_cloud(self):
        start = time.monotonic()
        self.rig.start_cloud()
        wait_for("the cloud is ready", lambda: alive(self.rig, "cloud") and self.rig.cloud_answers(), 30, 0.01)
        return time.monotonic() - start

    def last_fire(self, seconds=90):
        """It is told by the cloud, however long the chain needs to find itself again."""
        zone = self.building.zones[-1]
        for unit in self.building.units[zone][:2]:
            self.building.smoke(unit, True)
        def told():
            return any(alarm["rule"] == "confirmed" and alarm["site"]["zone"] == zone for alarm in self.rig.all_alarms())
        wait_for("the last fire is told", told, seconds, 0.2)

    def verdict(self, gaps=(), city=True):
        """Heals the network, ends everything, and compares both ends. `gaps`: lanes that may have booked ones."""
        self.proxy.heal()
        self.last_fire()
        calm_down(self.rig, self.building)
        compare_open(self.rig)
        if city:
            wait_for("the city's subscriber has the end of the log", lambda: city_is_complete(self.rig), 60, 0.2)
        self.rig.processes["gateway"].kill()  # a stop in order would store one more event
        assert end_in_order(self.rig.processes["cloud"], 30) == 0
        found = Verdict()
        found.alarms, found.lost, found.duplicated = compare_stores(self.rig, gaps)
        entries, holes, forks = check_city_log(self.rig) if city else (1, 0, 0)
        assert found.alarms and entries, "nothing happened: the test proves nothing"
        found.lost += holes
        found.duplicated += forks
        return found

    def cloud_rows(self, sql, *values):
        return rows_of(self.rig.dir / "cloud/cloud.db", sql, *values)

    def check_order(self):
        """Of each lane, no record reached the cloud before one with a lower number."""
        for lane in (*LANES.values(), 3):
            received = [at for at, in self.cloud_rows("SELECT received FROM record WHERE gateway=? AND lane=? AND epoch <> 0 ORDER BY seq", GATEWAY, lane)]
            assert received == sorted(received), f"lane {lane} was stored out of order"
