#!/usr/bin/env python3
"""The alarm desk: calls by webhook with signature, escalation, SOS in 3 s, confirmation, the event stream, the outbox over kill -9, the audit.

usage: desk_test.py --bin DIR [--seed S]
"""
import contextlib
import json
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request

from panel import DETECTOR, Device, Panel, smoke_detector
from receiver import Receiver, Stream
from rig import RigError, free_port, wait_for
from scenario import find_alarm, main, metrics, say

STAFF_S = 3.0  # from the press to the person on duty (facts/lifesafety.md requirement 11)
BUTTON, FIRST_SMOKE = 50, 1
CONFIG = """gateway = {{ id = "wangjing-b12", board = "generic-x86" }}
site    = {{ adcode = "110105", community = "wangjing-west", building = "b12", lat = 39.99, lon = 116.47 }}
cloud   = {{ brokers = ["mqtt://127.0.0.1:{field}"] }}
[bus.riser-3]
type = "modbus-tcp"
port = "127.0.0.1:{port}"
[zone.3F]
kind = "fire-compartment"
floor = "3"
[device.sos-1]
profile = "sos/wp8025"
bus = "riser-3"
address = 50
zone = "3F"
"""
WEBHOOK = """[webhook.{name}]
url = "http://127.0.0.1:{port}/tocsin?from=cloud"
secret_file = "webhook.secret"
"""
DUTY = """[[duty.wangjing-west]]
contact = "{name}"
webhook = "{name}"
"""


def act(rig, alarm_id, name, **body):
    """(status, answer) of one act at the desk."""
    request = urllib.request.Request(f"http://127.0.0.1:{rig.ports['api']}/api/v1/alarms/{alarm_id}/{name}", method="POST",
                                     data=json.dumps(body).encode(), headers={"Authorization": f"Bearer {rig.token}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def set_up(rig):
    """One building with an SOS button and three detectors; a guard and a deputy on duty, a feed, and a receiver that is dead."""
    secret = b"0123456789abcdef0123456789abcdef"
    (rig.dir / "webhook.secret").write_bytes(secret + b"\n")
    (rig.dir / "webhook.secret").chmod(0o400)
    receivers = {name: Receiver(secret) for name in ("guard", "deputy", "feed")}
    rig.cloud_extra = "".join(WEBHOOK.format(name=name, port=one.port) + ('communities = ["wangjing-west"]\n' if name == "feed" else "")
                              for name, one in receivers.items())
    rig.cloud_extra += WEBHOOK.format(name="dead", port=free_port()) + 'communities = ["wangjing-west"]\n'
    rig.cloud_extra += DUTY.format(name="guard") + DUTY.format(name="deputy")
    panel = Panel({unit: smoke_detector() for unit in (1, 2, 3)} | {BUTTON: Device(discrete=[0] * 8)})
    text = CONFIG.format(field=rig.ports["field"], port=panel.port)
    for unit in (1, 2, 3):
        text += DETECTOR.format(name=f"smoke-{unit}", unit=unit, zone="3F", floor="3")
    rig.start(text)
    wait_for("the building is quiet", lambda: not rig.status()["lost"] and not rig.api("/api/v1/alarms")["items"], 20, 0.1)
    return panel, receivers


def press_button(rig, panel, receivers, stream):
    """An SOS reaches the person on duty, the feed and the stream in 3 s, although another receiver is dead."""
    pressed = time.time()
    panel.devices[BUTTON].discrete[0] = 1
    told = {"guard": wait_for("the guard is called", lambda: receivers["guard"].find("call", "sos-1"), 10)[0],
            "feed": wait_for("the feed has the SOS", lambda: receivers["feed"].find("change", "sos-1"), 10)[0],
            "stream": wait_for("the stream has the SOS", lambda: stream.find("sos-1"), 10)[0]}
    for who, at in told.items():
        assert at - pressed <= STAFF_S, f"{who} heard of the SOS after {at - pressed:.1f} s"
    call = receivers["guard"].find("call", "sos-1")[1]
    assert call["alarm"]["class"] == "sos" and call["attempt"] == 1 and not call["possible_repeat"], call
    say("SOS: " + ", ".join(f"{who} {1000 * (at - pressed):.0f} ms" for who, at in told.items()))
    return pressed, call["alarm"]["alarm_id"]


def confirm(rig, panel, receivers):
    """A person confirms one detector's fire: the city has it as confirmed, without a name."""
    panel.devices[FIRST_SMOKE].discrete[2] = 1
    alarm = wait_for("the guard is called for the fire", lambda: receivers["guard"].find("call", "smoke-1"), 10)[1]["alarm"]
    assert alarm["stage"] == "prealarm", alarm["stage"]
    assert act(rig, alarm["alarm_id"], "shelve", text="known", minutes=5)[0] == 409, "life safety was shelved"
    status, confirmed = act(rig, alarm["alarm_id"], "confirm", text="seen on camera")
    assert status == 200 and confirmed["stage"] == "confirmed", (status, confirmed)
    told = wait_for("the city has the confirmed fire", lambda: next(
        (document for _, topic, _, document in rig.city_messages()
         if "/alarm/fire/" in topic and document and document["device"] == "smoke-1"), None), 10)
    assert told["stage"] == "confirmed" and told["confirmed"]["by"] == "admin", told
    return alarm["alarm_id"]


def api_answers(rig):
    try:
        return rig.api("/api/v1/alarms?limit=1")
    except OSError:
        return None


def kill_with_messages_waiting(rig, panel, receivers):
    """What waits in the outbox survives kill -9, and comes once or is marked."""
    for one in receivers.values():
        one.stop()
    begun = time.time()
    panel.devices[2].discrete[2] = 1
    wait_for("the alarm is in the cloud", lambda: any(a["device"] == "smoke-2" for a in rig.api("/api/v1/alarms")["items"]), 10)
    time.sleep(0.5)  # attempts fail meanwhile
    rig.processes["cloud"].kill()
    for one in receivers.values():
        one.start()
    rig.start_cloud()
    wait_for("the cloud answers", lambda: api_answers(rig), 20, 0.1)
    wait_for("the guard's call comes after the restart", lambda: receivers["guard"].find("call", "smoke-2", begun), 20)
    assert receivers["guard"].find("call", "smoke-2")[1]["attempt"] > 1, "it came at its first attempt: nothing had waited"
    wait_for("the feed's message comes after the restart", lambda: receivers["feed"].find("change", "smoke-2", begun), 20)


def check_once(receivers):
    """A notice comes once, or its repeat says so."""
    for name, receiver in receivers.items():
        seen = set()
        for _, notice in receiver.notices:
            assert notice["notice"] not in seen or notice["possible_repeat"], f"{name} got a second time: {notice}"
            seen.add(notice["notice"])
        assert receiver.forged == 0, f"{name} refused {receiver.forged} signatures"


def check_stream(rig, first, sos_id):
    """The stream resumes where it was left, without a gap and without a repeat."""
    known = [event for event in first.events if event[2] == "alarm"]
    left_at = known[0][1]
    again = Stream(rig.ports["api"], rig.token, left_at)
    wait_for("the stream brings what came later", lambda: again.find("smoke-2"), 10)
    numbers = [int(event[1].split("-")[1]) for event in again.events if event[2] == "alarm"]
    start = int(left_at.split("-")[1])
    assert numbers == list(range(start + 1, start + 1 + len(numbers))), (start, numbers)
    bodies = {event[1]: event[3] for event in again.events if event[2] == "alarm"}
    for event in known:
        assert bodies.get(event[1], event[3]) == event[3], f"an event has changed: {event[3]} and {bodies[event[1]]}"
    lost = Stream(rig.ports["api"], rig.token, "99-1")
    wait_for("a stranger's position is answered by a reset", lambda: any(event[2] == "reset" for event in lost.events), 10)


def cancel(rig, panel, sos_id):
    """The button is released and reset: the alarm is closed and stays in the books."""
    panel.devices[BUTTON].discrete[0] = 0
    def reset():
        alarm = find_alarm(rig, device="sos-1")
        return alarm is None or rig.tocsin("alarms", "reset", alarm["alarm_id"])[0] == 0
    wait_for("the reset is accepted", reset, 20, 0.2)
    closed = wait_for("the cloud has the end", lambda: next(
        (a for a in rig.all_alarms() if a["alarm_id"] == sos_id and a["state"] == "closed"), None), 10)
    assert closed["class"] == "sos"


def verify(rig, *words):
    done = subprocess.run([rig.bin / "tocsin-cloud", "audit", "verify", "--state", rig.dir / "cloud", *words],
                          capture_output=True, text=True, timeout=20)
    return done.returncode, done.stdout.strip()


def check_audit(rig, receivers):
    """The chain is whole, contains what the guard was shown, and a cut shows."""
    lines = rig.api("/api/v1/audit?limit=1000")["items"]
    actions = [line["action"] for line in lines]
    assert "confirm" in actions and actions.count("call") >= 4 and "called" in actions, actions
    time.sleep(1.3)  # the anchor follows within a second
    rig.processes["cloud"].stop()
    code, text = verify(rig)
    assert code == 0, text
    witness = receivers["guard"].notices[-1][1]["audit"]
    assert verify(rig, "--expect", f"{witness['number']}:{witness['hash']}")[0] == 0
    with contextlib.closing(sqlite3.connect(rig.dir / "cloud/cloud.db")) as database, database:
        database.execute("DELETE FROM audit WHERE number > ?", (len(lines) // 2,))
    code, cut = verify(rig)
    assert code == 1 and "truncated" in cut, (code, cut)
    assert verify(rig, "--expect", f"{witness['number']}:{witness['hash']}")[0] == 1
    return len(lines)


def check_clock(rig):
    hops = {item["hop"]: item for item in rig.api("/api/v1/clock")["items"]}
    assert hops["total"]["count"] >= 1 and hops["total"]["max_ms"] < 10_000, hops
    found = metrics(rig)
    assert found['tocsin_webhook_waiting{webhook="dead"}'] >= 1, found
    assert 'tocsin_alarm_hop_milliseconds{hop="total",quantile="0.99"}' in found, found
    return hops["total"]


def scenario(rig, options):
    panel, receivers = set_up(rig)
    stream = Stream(rig.ports["api"], rig.token)
    pressed, sos_id = press_button(rig, panel, receivers, stream)
    confirm(rig, panel, receivers)
    wait_for("the queue of the dead receiver is seen", lambda: metrics(rig)['tocsin_webhook_waiting{webhook="dead"}'] >= 1, 10, 0.2)
    total = check_clock(rig)
    kill_with_messages_waiting(rig, panel, receivers)
    check_stream(rig, stream, sos_id)
    called = wait_for("the deputy is called when the guard does not answer", lambda: receivers["deputy"].find("call", "sos-1"), 35)
    assert 29 <= called[0] - pressed <= 33, f"the deputy was called after {called[0] - pressed:.1f} s"
    cancel(rig, panel, sos_id)
    check_once(receivers)
    entries = check_audit(rig, receivers)
    panel.stop()
    return (f"desk: deputy called after {called[0] - pressed:.1f} s, {sum(len(r.notices) for r in receivers.values())} messages, "
            f"{entries} audit entries, total p99 {total['p99_ms']} ms: good")


if __name__ == "__main__":
    main(scenario)
