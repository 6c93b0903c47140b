#!/usr/bin/env python3
"""kill -9 at random during linkage: after each start the outputs are the matrix's answer within 3 s, and no pulse comes twice.

Every zone has an escape door that latches, a bell that rings once and a screen that shows the fire while it is confirmed:
detectors latch, so that is until the reset.

usage: linkage_kills_test.py --bin DIR [--kills N] [--seed S]
"""
import time

from panel import SmokeBuilding, relay_module
from rig import RigError, wait_for
from scenario import main, open_alarms, reset_zone, say, start_until_watching

OFF, ON = 0, 1
RELEASED, LOCKED = OFF, ON
ZONES = 7  # the fires go round
BETWEEN = 31.0  # seconds between two fires of one zone: three within 60 s would be chatter, and held
BELLS, SCREENS = 201, 202  # units
LIMIT = 3.0  # seconds from the start of the gateway
MODULE = """[device.relay-{number}]
profile = "io/waveshare-io-8ch"
bus = "riser-1"
address = {unit}
period = "200ms"
"""
ROWS = """[effect.bell-{floor}]
zone = "{floor}F"
output = "relay-2/ch{floor}"
words = {{ off = "quiet", on = "rings" }}
safe = "quiet"
normal = "quiet"
active = "rings"
[effect.screen-{floor}]
zone = "{floor}F"
output = "relay-3/ch{floor}"
feedback = "relay-3/in{floor}"
words = {{ off = "dark", on = "fire" }}
safe = "dark"
normal = "dark"
active = "fire"
[[linkage]]
when = {{ confirmed = "fire", zone = "{floor}F" }}
then = ["bell-{floor}"]
mode = "pulse"
pulse = "300ms"
[[linkage]]
when = {{ confirmed = "fire", zone = "{floor}F" }}
then = ["screen-{floor}"]
mode = "while"
"""


class Site:
    def __init__(self, rig, options):
        self.rig, self.random, self.kills, self.slowest = rig, options.random, 0, 0.0
        self.building = SmokeBuilding(zones=ZONES, each=3)
        self.panel = self.building.panel
        self.panel.devices[BELLS], self.panel.devices[SCREENS] = relay_module(), relay_module()
        self.doors, self.bells, self.screens = (self.panel.devices[unit] for unit in (SmokeBuilding.RELAY_UNIT, BELLS, SCREENS))
        self.doors.coils.update(dict.fromkeys(range(8), LOCKED))
        config = self.building.config(rig.ports["field"]) + MODULE.format(number=2, unit=BELLS) + MODULE.format(number=3, unit=SCREENS)
        rig.write_gateway_config(config + "".join(ROWS.format(floor=floor + 1) for floor in range(ZONES)))

    def outputs(self):
        """(doors, screens) of all zones."""
        return [self.doors.coils[i] for i in range(ZONES)], [self.screens.coils[i] for i in range(ZONES)]

    def kill_and_start(self, wanted, at_most):
        """Kills at a random moment and starts; `wanted` holds within the limit of the start."""
        time.sleep(self.random.uniform(0, at_most))
        self.rig.processes["gateway"].kill()
        self.kills += 1
        begin = time.monotonic()
        self.rig.start_gateway()
        answers = lambda: self.outputs() == wanted and self.rig.status().get("gateway")
        try:
            wait_for("the matrix's answer", answers, LIMIT, 0.005)
        except RigError:
            raise RigError(f"not within {LIMIT:g} s of the start: {wanted}, but {self.outputs()}") from None
        self.slowest = max(self.slowest, time.monotonic() - begin)


def expected(fire=None):
    """(doors, screens) with a fire in that zone, or in none."""
    return [RELEASED if zone == fire else LOCKED for zone in range(ZONES)], [ON if zone == fire else OFF for zone in range(ZONES)]


def rings_of(site, zone, since):
    return sum(1 for coil, level in site.bells.moved[since:] if coil == zone and level == ON)


def fire(site, zone):
    """One fire from smoke to reset, with a kill in each part of it; the bell rings once at most, the door locks once."""
    name, rung, moved = site.building.zones[zone], len(site.bells.moved), len(site.doors.moved)
    for unit in site.building.units[name][:2]:
        site.building.smoke(unit, True)
    burning = expected(zone)
    site.kill_and_start(burning, 0.8)  # before, while or after the outputs move
    site.kill_and_start(burning, 0.8)
    site.building.clear(name)
    site.kill_and_start(burning, 0.6)
    assert site.doors.moved[moved:] == [(zone, RELEASED)], f"the doors moved {site.doors.moved[moved:]} before the reset"
    reset_zone(site.rig, name)
    site.kill_and_start(expected(), 0.4)
    try:
        wait_for("no alarm is open", lambda: not open_alarms(site.rig), 20, 0.05)
    except RigError:
        raise RigError(f"still open: {open_alarms(site.rig)}") from None
    assert site.doors.moved[moved:] == [(zone, RELEASED), (zone, LOCKED)], f"the doors moved {site.doors.moved[moved:]}"
    rings = rings_of(site, zone, rung)
    assert rings <= 1, f"the bell of {name} rang {rings} times"
    return rings


def scenario(rig, options):
    site = Site(rig, options)
    fires = rings = 0
    burnt = {}
    try:
        start_until_watching(rig)
        wait_for("every device has been read",
                 lambda: all(device["good"] > 2 for bus in rig.status()["buses"] for device in bus["devices"]), 20, 0.05)
        while site.kills < options.kills:
            time.sleep(max(0.0, burnt.get(fires % ZONES, 0) + BETWEEN - time.monotonic()))
            burnt[fires % ZONES] = time.monotonic()
            rings += fire(site, fires % ZONES)
            fires += 1
            say(f"fire {fires}: {site.kills} kills, the bell rang {rings} times")
    finally:
        site.panel.stop()
    assert rings > 0, "no bell ever rang"
    return (f"{site.kills} kills, {fires} fires: outputs right {site.slowest:.1f} s after a start at the latest, "
            f"{rings} bells, none twice, seed {options.seed}")


if __name__ == "__main__":
    main(scenario)
