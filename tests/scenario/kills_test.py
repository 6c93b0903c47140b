#!/usr/bin/env python3
"""kill -9 of gateway, cloud and field broker in an alarm burst: nothing is lost, nothing comes twice.

usage: kills_test.py --bin DIR [--kills N] [--seed S]     N kills of each process
"""
import time

from burst import Burst, calm_down, city_is_complete, compare_open, compare_stores
from panel import SmokeBuilding
from rig import wait_for
from scenario import check_city_log, end_in_order, main, say

ZONES, DETECTORS = 8, 10


def restart(rig, victim):
    if victim == "gateway":
        rig.start_gateway()
    elif victim == "cloud":
        rig.start_cloud()
    else:
        rig.start_broker("field")


def burst_with_kills(rig, building, options):
    """Kills each process `options.kills` times, in random order, while the burst goes on."""
    burst = Burst(rig, building, options.random)
    victims = ["gateway", "cloud", "field"] * options.kills
    options.random.shuffle(victims)
    for number, victim in enumerate(victims, 1):
        end = time.monotonic() + options.random.uniform(0.2, 1.6)
        while time.monotonic() < end:
            burst.step()
            time.sleep(options.random.uniform(0.01, 0.12))
        store = rig.status().get("store", {})
        assert not store.get("failing"), f"the gateway stores nothing any more: {store}"
        rig.processes[victim].kill()
        time.sleep(options.random.choice([0, 0, 0.1, 0.6]))
        restart(rig, victim)
        if number % 15 == 0:
            say(f"{number} of {len(victims)} kills, {burst.resets} resets")
    return len(victims)


def scenario(rig, options):
    building = SmokeBuilding(ZONES, DETECTORS)
    for coil in range(ZONES):
        building.panel.devices[SmokeBuilding.RELAY_UNIT].coils[coil] = 1
    try:
        rig.start(building.config(rig.ports["field"]))
        kills = burst_with_kills(rig, building, options)
        calm_down(rig, building)
        compare_open(rig)
        wait_for("the city's subscriber has the end of the log", lambda: city_is_complete(rig), 30, 0.2)
    finally:
        building.panel.stop()
    rig.processes["gateway"].kill()  # a stop in order would store one more event
    assert end_in_order(rig.processes["cloud"]) == 0
    alarms, lost, duplicated = compare_stores(rig)
    entries, gaps, forks = check_city_log(rig)
    say(f"{alarms} alarms at the gateway, {entries} entries of the city's log, {gaps} gaps, {forks} forks")
    last_line = f"{kills} kills, {lost + gaps} lost, {duplicated + forks} duplicated, seed {options.seed}"
    assert alarms >= kills and entries > 0, f"the burst was none: {alarms} alarms, {entries} entries"
    assert lost + gaps + duplicated + forks == 0, last_line
    return last_line


if __name__ == "__main__":
    main(scenario)
