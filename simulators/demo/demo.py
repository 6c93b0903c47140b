#!/usr/bin/env python3
"""A fire in a building, told in one minute: real processes, real protocols, simulated devices.

usage: demo.py --bin DIR [--json] [--keep]
"""
import argparse
import json
import signal
import sys
import time

from rig import GATEWAY, Rig, RigError, wait_for


class Story:
    """Prints each step with the time since the sensor changed, and keeps the steps for --json."""

    def __init__(self, rig, as_json):
        self.rig, self.as_json, self.steps, self.sensor = rig, as_json, [], None

    def chapter(self, text):
        if not self.as_json:
            print(f"\n\033[1m{text}\033[0m", flush=True)

    def sensor_changed(self, at, name, text):
        self.sensor = at
        self.tell(name, at, text)

    def tell(self, name, at, text):
        t_ms = round((at - self.sensor) * 1000) if self.sensor else 0
        self.steps.append({"name": name, "t_ms": t_ms})
        if not self.as_json:
            print(f"  {f'+{t_ms} ms':>10}  {text}", flush=True)

    def happens(self, name, what, which, state, text, after, seconds=20):
        event = wait_for(f"{which} {state}", lambda: self.rig.happened(what, which, state, after), seconds)
        self.tell(name, event[0], text)
        return event[0]


def quiet(story):
    rig = story.rig
    story.chapter("The building is quiet.  楼内一切正常。")
    wait_for("every device answers", lambda: not rig.status().get("lost", [1]) and rig.status().get("open_alarms") == 0, 20, 0.1)
    wait_for("doors are locked and gas flows", lambda: all(
        e["feedback"] == ("locked" if "door" in e["effect"] else "open") for e in rig.status()["effects"]), 20, 0.1)
    story.tell("quiet", time.time(), "8 devices answer, the stair doors are locked, gas flows, the cloud listens")


def first_detector(story):
    rig = story.rig
    story.chapter("Smoke rises on the third floor.  三层冒烟。")
    start = time.time()
    rig.processes["sim"].order("ignite 3F")
    event = wait_for("the first detector sees smoke", lambda: rig.happened("detector", "smoke-3f-01", "alarm", start))
    story.sensor_changed(event[0], "first-detector", "smoke-3f-01 reports smoke: one detector alone is a pre-alarm")
    story.happens("lobby-lamp", "output", "lobby-lamp", "on", "the lobby lamp lights: staff are told, nothing else moves", start)
    if rig.happened("output", "stair-door-3f", "open", start):
        raise RigError("a door moved at a pre-alarm")
    return start


def second_detector(story, start):
    rig = story.rig
    story.chapter("A second detector confirms the fire.  第二个探测器确认火警。")
    event = wait_for("the second detector sees smoke", lambda: rig.happened("detector", "smoke-3f-02", "alarm", start))
    story.sensor_changed(event[0], "second-detector", "smoke-3f-02 reports smoke: two independent detectors")
    story.happens("door-commanded", "output", "stair-door-3f", "open", "the stair door of floor 3 is released", start)
    story.happens("door-open", "feedback", "stair-door-3f", "open", "its contact reads open", start)
    document = city_hears(story, "city-alarm", "3F", "the city's subscriber has the confirmed fire", start)
    story.happens("gas-closed", "feedback", "gas-valve-3f", "closed", "the gas valve reads closed", start)
    return document


def city_hears(story, name, zone, text, after, seconds=30):
    def confirmed():
        for at, topic, _, document in story.rig.city_messages():
            if at >= after and "/alarm/fire/" in topic and document and document["stage"] == "confirmed" \
                    and document["site"]["zone"] == zone and document["bits"]["active"]:
                return at, document
        return None
    at, document = wait_for(f"the city has the fire in {zone}", confirmed, seconds)
    story.tell(name, at, text)
    return document


def cloud_cut(story):
    rig = story.rig
    story.chapter("The cloud is cut off, and a second fire breaks out.  云端中断，又起一处火。")
    rig.processes["field"].kill()
    start = time.time()
    wait_for("the gateway has noticed", lambda: not rig.status()["uplink"]["connected"], 30, 0.1)
    rig.processes["sim"].order("ignite 2F")
    event = wait_for("both detectors of floor 2 see smoke", lambda: rig.happened("detector", "smoke-2f-02", "alarm", start))
    story.sensor_changed(event[0], "second-fire", "smoke-2f-01 and smoke-2f-02 report smoke, no cloud to tell")
    story.happens("second-door-open", "feedback", "stair-door-2f", "open", "the stair door of floor 2 reads open: the edge acts alone", start)
    _, open_alarms = rig.tocsin("alarms")
    if not any(a["rule"] == "confirmed" and a["site"]["zone"] == "2F" for a in open_alarms["items"]):
        raise RigError("the gateway does not show the second fire")
    rig.start_broker("field")
    story.tell("cloud-back", time.time(), "the cloud is back")
    city_hears(story, "city-second", "2F", "the city has the second fire: nothing was missed", start, 60)
    return {a["alarm_id"] for a in open_alarms["items"]}


def reset(story):
    rig = story.rig
    story.chapter("The fires are out; somebody authorised resets.  火已扑灭，授权人员复位。")
    refused, answer = rig.tocsin("alarms", "reset", "--zone", "3F")
    if refused == 0:
        raise RigError("a reset was accepted while the fire burned")
    story.tell("reset-refused", time.time(), "a reset while it burns is refused: " + answer["error"])
    start = time.time()
    for zone in ("3F", "2F"):
        rig.processes["sim"].order(f"extinguish {zone}")
    for detector in ("smoke-3f-01", "smoke-3f-02", "smoke-2f-01", "smoke-2f-02"):
        wait_for(f"{detector} is quiet", lambda: rig.happened("detector", detector, "quiet", start), 30)
    event = rig.happened("detector", detector, "quiet", start)
    story.sensor_changed(event[0], "smoke-gone", "the detectors are quiet; doors stay open until the reset")
    for zone in ("3F", "2F"):
        wait_for(f"the reset of {zone} is accepted", lambda: rig.tocsin("alarms", "reset", "--zone", zone)[0] == 0, 30, 0.3)
    story.happens("doors-locked", "feedback", "stair-door-3f", "locked", "the doors lock again", start)
    wait_for("no alarm is open", lambda: rig.status()["open_alarms"] == 0, 30, 0.1)
    wait_for("the city's list is empty", lambda: not open_at_city(rig), 30, 0.1)
    story.tell("closed", time.time(), "every alarm is closed, here and at the city")


def open_at_city(rig):
    """Alarm topics whose last message is a document."""
    last = {}
    for _, topic, _, document in rig.city_messages():
        if "/alarm/" in topic:
            last[topic] = document
    return [topic for topic, document in last.items() if document]


def count_losses(rig, known):
    """(lost, duplicated): alarms of the gateway that the cloud lacks or has twice, and gaps or forks of the city's log."""
    stored = [a["alarm_id"] for a in rig.all_alarms()]
    log = rig.city_log()
    gaps = (max(log) - min(log) + 1 - len(log)) if log else 0
    forks = sum(1 for entries in log.values() if any(e != entries[0] for e in entries))
    return len(known - set(stored)) + gaps, len(stored) - len(set(stored)) + forks


def tell_story(story):
    rig = story.rig
    quiet(story)
    start = first_detector(story)
    document = second_detector(story, start)
    known = {document["alarm_id"]} | {a["alarm_id"] for a in rig.tocsin("alarms")[1]["items"]}
    known |= cloud_cut(story)
    effects = next(a for a in rig.all_alarms() if a["alarm_id"] == document["alarm_id"])["effects"]
    reset(story)
    lost, duplicates = count_losses(rig, known)
    ok = lost == 0 and duplicates == 0 and bool(effects) and all(e["outcome"] == "confirmed" for e in effects)
    return {"ok": ok, "steps": story.steps, "alarm_id": document["alarm_id"], "effects": effects, "lost": lost, "duplicates": duplicates}


def keep_running(rig):
    tool = rig.bin / "tocsin"
    print(f"""
Everything keeps running. Look at it:
  {tool} --socket {rig.socket} status
  {tool} --socket {rig.socket} watch
  mosquitto_sub -h 127.0.0.1 -p {rig.ports['city']} -V mqttv5 -q 1 -v -t 'city/#'
  curl -H 'Authorization: Bearer {rig.token}' http://127.0.0.1:{rig.ports['api']}/api/v1/alarms?state=all
Logs and databases: {rig.dir}
End it with Ctrl-C.""", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        signal.pause()
    except KeyboardInterrupt:
        print("\nending")


def main():
    parser = argparse.ArgumentParser(description="A fire in a building, told in one minute.")
    parser.add_argument("--bin", required=True, help="folder of the programs")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--keep", action="store_true", help="leave it running, and say how to look at it")
    options = parser.parse_args()
    rig = Rig(options.bin)
    story = Story(rig, options.json)
    result, failed = None, None
    try:
        if not options.json:
            print(f"Starting two brokers, a simulated building, gateway {GATEWAY} and the cloud ...", flush=True)
        rig.start()
        result = tell_story(story)
        if options.keep and result["ok"]:
            keep_running(rig)
    except (RigError, OSError) as error:
        failed = str(error)
    finally:
        good = bool(result and result["ok"])
        rig.stop(keep_files=not good)
    if options.json:
        print(json.dumps(result or {"ok": False, "error": failed, "steps": story.steps}, ensure_ascii=False))
    elif good:
        print(f"\nDone: {result['lost']} alarms lost, {result['duplicates']} duplicated.")
    if not good:
        print(f"the demo failed: {failed or 'lost or duplicated alarms, or an effect without confirmation'}; logs are in {rig.dir}",
              file=sys.stderr)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
