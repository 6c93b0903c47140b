#!/usr/bin/env python3
"""A gateway that stands still longer than the relay module's watchdog: safe state, and the matrix's answer within 3 s of waking.

usage: watchdog_test.py --bin DIR [--seed S]
"""
import signal
import time

from rig import wait_for
from scenario import find_alarm, main, say

WAKE_LIMIT = 3.0
DOORS = ("stair-door-3f", "stair-door-2f")


def position(rig, name):
    """Where the output stands, by its own feedback; None while it has not moved."""
    return next((state for _, what, who, state in reversed(rig.happenings()) if what == "feedback" and who == name), None)


def stand_still(rig):
    """Stops the gateway until the relay module has fallen to its safe state, and wakes it: (time stopped, time woken)."""
    stopped = time.time()
    rig.processes["gateway"].child.send_signal(signal.SIGSTOP)
    try:
        wait_for("the relay module's watchdog falls",
                 lambda: rig.happened("watchdog", "relay-1", "outputs in safe state", after=stopped), 15, 0.05)
        for name in DOORS:
            wait_for(f"{name} is open", lambda: position(rig, name) == "open", 5, 0.05)
    finally:
        woken = time.time()
        rig.processes["gateway"].child.send_signal(signal.SIGCONT)
    return stopped, woken


def scenario(rig, options):
    rig.start()
    wait_for("every device has been read",
             lambda: all(device["good"] > 2 for bus in rig.status()["buses"] for device in bus["devices"]), 20, 0.1)
    _, woken = stand_still(rig)
    for name in DOORS:
        wait_for(f"{name} is locked again: nothing burns", lambda: position(rig, name) == "locked", WAKE_LIMIT, 0.02)
    say(f"quiet building: doors locked {time.time() - woken:.1f} s after waking")

    rig.processes["sim"].order("ignite 3F")
    wait_for("the fire is confirmed", lambda: find_alarm(rig, rule="confirmed", zone="3F"), 40, 0.1)
    wait_for("the door of 3F is open", lambda: position(rig, "stair-door-3f") == "open", 5, 0.02)
    wait_for("the valve is closed", lambda: position(rig, "gas-valve-3f") == "closed", 10, 0.02)
    stopped, woken = stand_still(rig)
    time.sleep(WAKE_LIMIT)
    moved = [event for event in rig.happenings() if event[0] >= stopped and event[3] == "locked" and event[2] in DOORS]
    assert not moved, f"an escape door locked while a fire is latched: {moved}"
    assert position(rig, "gas-valve-3f") == "closed", "the gas valve opened by itself"
    return f"safe state after the watchdog, the matrix's answer within {WAKE_LIMIT:g} s of waking, no door locked in a fire"


if __name__ == "__main__":
    main(scenario)
