#!/usr/bin/env python3
"""The whole chain: quiet, fire, effects, city, reset; and the API, /healthz and /metrics beside it.

usage: chain_test.py --bin DIR [--seed S]
"""
import datetime
import json
import pathlib
import urllib.error
import urllib.request

import jsonschema

from rig import ROOT, Process, wait_for
from scenario import check_city_log, main, metrics, open_alarms, reset_zone, say

SCHEMA = ROOT / "docs/schemas/alarm.schema.json"
END_TO_END_S = 10.0
STATION_MEMBERS = ("address", "phone", "entrances", "hydrants", "hazards")


def is_quiet(rig):
    status = rig.status()
    return not status["lost"] and status["open_alarms"] == 0 and not rig.api("/api/v1/alarms")["items"]


def moment(text):
    return datetime.datetime.fromisoformat(text)


def check_document(document, validator):
    """Valid by the schema, and its clock never runs back."""
    validator.validate(document)
    times = [moment(document["times"][hop]) for hop in ("detected", "stored", "sent", "cloud", "feed")]
    assert times == sorted(times), f"a clock runs back: {document['times']}"
    assert (times[-1] - times[0]).total_seconds() <= END_TO_END_S, f"slower than {END_TO_END_S} s: {document['times']}"
    source = document["times"]["source"]
    assert source is None or moment(source) <= times[0], f"detected before it happened: {document['times']}"


def city_documents(rig, zone):
    return [(topic, document) for _, topic, _, document in rig.city_messages()
            if "/alarm/" in topic and document and document["site"]["zone"] == zone]


def fire(rig, validator):
    """Fire on 3F: the city hears of the confirmed fire, and that door and valve have moved."""
    rig.processes["sim"].order("ignite 3F")
    def told():
        return next((found for found in city_documents(rig, "3F") if found[1]["rule"] == "confirmed" and len(found[1]["effects"]) == 2
                     and all(effect["outcome"] == "confirmed" for effect in found[1]["effects"])), None)
    topic, document = wait_for("the city has the fire with both effects confirmed", told, 40)
    assert topic == f"city/110105/wangjing-west/b12/alarm/fire/{document['alarm_id']}", topic
    assert document["stage"] == "confirmed" and document["bits"]["active"] and document["severity"] >= 901
    assert sorted(document["cause"]) == ["smoke-3f-01/smoke", "smoke-3f-02/smoke"], document["cause"]
    assert {effect["effect"]: effect["desired"] for effect in document["effects"]} == {
        "stair-door-3f": "open", "gas-valve-3f": "closed"}
    assert "assigned" not in document or document["assigned"] is None
    for _, each in city_documents(rig, "3F"):
        check_document(each, validator)
    assert not any(document["rule"] == "smoke" for _, document in city_documents(rig, "3F")), "a pre-alarm went to the city"
    return topic, document


def check_api(rig, document, validator):
    """The API and the gateway show the alarm that the city was told of; a stranger sees nothing."""
    shown = {alarm["alarm_id"]: alarm for alarm in rig.api("/api/v1/alarms")["items"]}
    for alarm in shown.values():
        validator.validate(alarm)
    alarm = shown[document["alarm_id"]]
    for member in ("device", "point", "rule", "class", "stage", "severity", "cause", "site", "gateway"):
        assert alarm[member] == document[member], f"{member}: {alarm[member]} and {document[member]}"
    local = {alarm["alarm_id"]: alarm for alarm in open_alarms(rig)}
    assert shown.keys() == local.keys(), f"open at the cloud {sorted(shown)}, at the gateway {sorted(local)}"
    wait_for("the gateway knows when the cloud had it",
             lambda: {a["alarm_id"]: a for a in open_alarms(rig)}[document["alarm_id"]]["times"]["cloud"], 10, 0.1)
    first = rig.api("/api/v1/alarms?limit=1")
    assert len(first["items"]) == 1 and first["next"], "a list with more than a page has no cursor"
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{rig.ports['api']}/api/v1/alarms", timeout=10)
        raise AssertionError("the API answers without a token")
    except urllib.error.HTTPError as refusal:
        assert refusal.code == 401, f"without a token: {refusal.code}"
    with urllib.request.urlopen(f"http://127.0.0.1:{rig.ports['api']}/healthz", timeout=10) as health:
        assert health.status == 200
    assert metrics(rig), "/metrics is empty"


def check_site(rig):
    sites = [document for _, topic, _, document in rig.city_messages() if topic == "city/110105/wangjing-west/b12/site"]
    assert sites and all(sites[-1][member] for member in STATION_MEMBERS), f"the site document: {sites}"
    assert any(topic.startswith("city/110105/heartbeat/") for _, topic, _, _ in rig.city_messages()), "no heartbeat"


def retained_alarms(rig):
    """What a subscriber that comes now is given of alarms."""
    late = Process("late-sub", ["mosquitto_sub", "-h", "127.0.0.1", "-p", rig.ports["city"], "-V", "mqttv5", "-q", "1", "-W", "2",
                                "-t", "city/+/+/+/alarm/#", "-F", "%t\t%p"], rig.dir, lines=True)
    late.child.wait(timeout=20)
    late.stop()
    return {line.split("\t")[0] for _, line in late.lines}


def reset(rig, topic):
    """After the smoke has gone a reset closes all, and the retained document goes."""
    assert topic in retained_alarms(rig), "a subscriber that comes late does not see the open fire"
    rig.processes["sim"].order("extinguish 3F")
    reset_zone(rig, "3F", 40)
    wait_for("no alarm is open at either end", lambda: is_quiet(rig), 30, 0.2)
    def cleared():
        last = [document for _, seen, _, document in rig.city_messages() if seen == topic]
        return last and last[-1] is None
    wait_for("the retained document was cleared", cleared)
    assert not retained_alarms(rig), "documents stay retained after the reset"


def check_log(rig, alarm_id, validator):
    log = rig.city_log()
    for entries in log.values():
        check_document(entries[0], validator)
    story = [log[seq][0]["state"] for seq in sorted(log) if log[seq][0]["alarm_id"] == alarm_id]
    assert story[0] == "unacknowledged" and story[-1] == "closed", f"the story of the fire: {story}"
    entries, gaps, forks = check_city_log(rig)
    assert gaps == 0 and forks == 0, f"{gaps} gaps and {forks} forks of {entries} entries"
    return entries


def scenario(rig, options):
    validator = jsonschema.Draft202012Validator(json.loads(pathlib.Path(SCHEMA).read_text()))
    rig.start()
    wait_for("the building is quiet", lambda: is_quiet(rig), 30, 0.2)
    topic, document = fire(rig, validator)
    say(f"the city has {document['alarm_id']} with both effects confirmed")
    check_api(rig, document, validator)
    check_site(rig)
    reset(rig, topic)
    entries = check_log(rig, document["alarm_id"], validator)
    return f"one fire told, confirmed and closed; {entries} entries of the city's log without gap, seed {options.seed}"


if __name__ == "__main__":
    main(scenario)
