#!/usr/bin/env python3
"""A fire on a state directory of 4 MiB, and a disk that is full when alarms come: shown, survived, and stored once there is room.

usage: disk_full_test.py --bin DIR [--seed S]     needs to mount a tmpfs (root); says so and passes when it may not
"""
import os
import subprocess

from panel import SmokeBuilding
from rig import wait_for
from scenario import GatewayLedger, alive, find_alarm, main, open_alarms, reset_zone, say, start_until_watching

SIZE = 4 << 20


def mount(folder):
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder], capture_output=True, text=True, check=False)
    return done.returncode == 0 or done.stderr.strip()


def fill(folder):
    """Takes every byte that is left; returns the file."""
    ballast = folder / "ballast"
    with open(ballast, "ab", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                pass
    assert os.statvfs(folder).f_bavail == 0
    return ballast


def fire(rig, building, zone, door):
    """Two more detectors of the zone see smoke: confirmed, and its door is released. Always others: chatter would be folded."""
    for unit in building.units[zone][2 * building.fires:2 * building.fires + 2]:
        building.smoke(unit, True)
    wait_for(f"the fire in {zone} is confirmed", lambda: alive(rig, "gateway") and find_alarm(rig, rule="confirmed", zone=zone), 15, 0.1)
    wait_for(f"the door of {zone} is released", lambda: building.panel.devices[SmokeBuilding.RELAY_UNIT].coils[door] == 0, 10)


def quiet_again(rig, building):
    for zone in building.zones:
        building.clear(zone)
        reset_zone(rig, zone)
    building.fires += 1


def full_during_alarms(rig, building, state):
    ballast = fill(state)
    fire(rig, building, "1F", 0)
    wait_for("the full disk is shown", lambda: fill(state) and alive(rig, "gateway") and rig.status()["store"]["failing"]
             and find_alarm(rig, device="gateway", point="store"), 60, 0.5)
    fire(rig, building, "2F", 1)  # watched and acted on without a disk
    assert rig.status()["store"]["queued"] > 0, "nothing waits although the disk is full"
    say("disk full: shown as a fault, and the fire still opened its door")
    ballast.unlink()
    wait_for("all is stored", lambda: not rig.status()["store"]["failing"], 60, 0.2)
    wait_for("the fault has gone", lambda: not find_alarm(rig, device="gateway", point="store"), 60, 0.2)
    return {alarm["alarm_id"] for alarm in open_alarms(rig) if alarm["class"] == "fire"}


def scenario(rig, options):
    state = rig.dir / "gateway"
    mounted = mount(state)
    if mounted is not True:
        return f"skipped: no tmpfs may be mounted here ({mounted})"
    building = SmokeBuilding(zones=2, each=4)
    building.fires = 0  # so many were told of already
    try:
        rig.write_gateway_config(building.config(rig.ports["field"]))
        start_until_watching(rig)
        wait_for("every device answers", lambda: not rig.status()["lost"], 20, 0.1)
        fire(rig, building, "1F", 0)
        quiet_again(rig, building)
        say("a fire on a state directory of 4 MiB")
        known = full_during_alarms(rig, building, state)
        rig.processes["gateway"].kill()
        missing = known - GatewayLedger(state).alarm_ids()
        assert not missing, f"not stored although there was room again: {sorted(missing)}"
        start_until_watching(rig)
        forgotten = known - {alarm["alarm_id"] for alarm in open_alarms(rig)}
        assert not forgotten, f"forgotten by a restart: {sorted(forgotten)}"
    finally:
        building.panel.stop()
        if "gateway" in rig.processes:
            rig.processes["gateway"].stop()
        subprocess.run(["umount", state], check=False)
    return f"{len(known)} alarms open through a full disk of {SIZE >> 20} MiB, none lost, seed {options.seed}"


if __name__ == "__main__":
    main(scenario)
