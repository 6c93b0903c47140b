#!/usr/bin/env python3
"""Wrong configurations, newer databases, lying devices, an absent broker and hostile messages: refused, shown, survived.

usage: bad_input_test.py --bin DIR [--seed S]
"""
import hashlib
import re
import sqlite3
import subprocess

from panel import SmokeBuilding
from rig import COMMUNITY, GATEWAY, ROOT, wait_for
from scenario import alive, end_in_order, find_alarm, log_of, main, open_alarms, rejected, reset_zone, say, start_until_watching

PROFILES = ROOT / "drivers/profiles"
SHARD = hashlib.sha256(COMMUNITY["community"].encode()).hexdigest()[:2]
TOPIC = f"tocsin/1/{SHARD}/{GATEWAY}"

# (what is wrong, text to replace, its replacement, [(key that is named, text found, text expected)])
WRONG_CONFIGS = [
    ("two mistakes at once", 'address = 1\n', 'address = "one"\n', [("device.smoke-001.address", '"one"', "from 1 to 247")]),
    ("address out of range", 'address = 2\n', 'address = 300\n', [("device.smoke-002.address", "300", "from 1 to 247")]),
    ("the same address twice", 'address = 2\n', 'address = 1\n', [("device.smoke-002.address", "1", "smoke-001 has it already")]),
    ("an unknown key", 'kind = "fire-compartment"\n', 'kind = "fire-compartment"\nflor = "1"\n', [("zone.1F", "flor", "floor")]),
    ("an unknown kind of bus", 'type = "modbus-tcp"', 'type = "modbus-udp"', [("bus.riser-1.type", '"modbus-udp"', "modbus-tcp")]),
    ("an unknown profile", 'uniguard-ug3"\nbus = "riser-1"\naddress = 1\n', 'uniguard-ug9"\nbus = "riser-1"\naddress = 1\n',
     [("device.smoke-001.profile", "uniguard-ug9", "a profile")]),
    ("a detector without a zone", 'address = 1\nzone = "1F"\n', 'address = 1\n', [("device.smoke-001.zone", "nothing", "zone")]),
    ("a zone that is not there", 'address = 1\nzone = "1F"\n', 'address = 1\nzone = "9F"\n', [("device.smoke-001.zone", "9F", "zone")]),
    ("a period of no time", 'address = 1\nzone = "1F"\nperiod = "200ms"', 'address = 1\nzone = "1F"\nperiod = "soon"',
     [("device.smoke-001.period", "soon", "")]),
    ("a gateway id in capitals", 'id = "wangjing-b12"', 'id = "Wangjing"', [("gateway.id", "Wangjing", "3 to 32")]),
    ("no TLS to a broker elsewhere", 'mqtt://127.0.0.1', 'mqtt://192.0.2.1', [("cloud.brokers", "192.0.2.1", "loopback")]),
    ("a broken line", '[zone.1F]', '[zone.1F', [("", "", "")]),
    ("bytes that are no UTF-8", '"1F"', '"\udcff"', [("", "", "")]),
    ("an escape door that no row releases", 'then = ["door-1"]', 'then = ["door-2"]', [("door-1", "", "")]),
    ("an output that is none", 'output = "relay-1/ch1"', 'output = "relay-1/in1"', [("effect.door-1.output", "relay-1/in1", "output")]),
]


def check_refused(rig, name, text, expected):
    """`tocsin check` and the daemon refuse the file with exit 2 and name every mistake with its line."""
    config = rig.dir / "wrong.toml"
    config.write_bytes(text.encode(errors="surrogateescape"))
    checked = subprocess.run([rig.bin / "tocsin", "check", "--config", config, "--profiles", PROFILES], capture_output=True, text=True,
                             timeout=20, check=False)
    daemon = subprocess.run([rig.bin / "tocsin-gateway", "--config", config, "--state", rig.dir / "never", "--socket", rig.dir / "none",
                             "--profiles", PROFILES], capture_output=True, text=True, timeout=20, check=False)
    assert checked.returncode == 2 and daemon.returncode == 2, \
        f"{name}: check ended with {checked.returncode}, the daemon with {daemon.returncode}: {checked.stderr}{daemon.stderr}"
    assert not (rig.dir / "never").exists(), f"{name}: the daemon touched its state directory"
    for output in (checked.stderr, daemon.stderr):
        for key, found, wanted in expected:
            lines = [line for line in output.splitlines() if re.search(re.escape(str(config)) + r":\d+: ", line)]
            assert any(key in line and found in line and wanted in line for line in lines), \
                f"{name}: no line names {key!r}, {found!r} and {wanted!r}:\n{output}"
    return len(expected)


def wrong_configurations(rig, building):
    good = building.config(rig.ports["field"])
    found = 0
    for name, old, new, expected in WRONG_CONFIGS:
        assert old in good, f"{name}: the good file has no {old!r}"
        found += check_refused(rig, name, good.replace(old, new, 1), expected)
    several = good
    for _, old, new, _ in WRONG_CONFIGS[:4]:
        several = several.replace(old, new, 1)
    found += check_refused(rig, "many mistakes at once", several,
                           [WRONG_CONFIGS[0][3][0], WRONG_CONFIGS[1][3][0], WRONG_CONFIGS[3][3][0]])
    missing = subprocess.run([rig.bin / "tocsin", "check", "--config", rig.dir / "no-such-file", "--profiles", PROFILES],
                             capture_output=True, text=True, timeout=20, check=False)
    assert missing.returncode == 2 and "no-such-file" in missing.stderr, missing.stderr
    wrong_use = subprocess.run([rig.bin / "tocsin-gateway", "--no-such-option"], capture_output=True, timeout=20, check=False)
    assert wrong_use.returncode == 2, f"wrong use ended with {wrong_use.returncode}"
    say(f"{len(WRONG_CONFIGS) + 1} wrong configurations, {found} mistakes named")


def newer_database(rig, state, file, start):
    """A daemon refuses a database of a newer program with a clear message, and leaves the file alone."""
    database = state / file
    with sqlite3.connect(database) as connection:
        version, = connection.execute("PRAGMA user_version").fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA user_version = 9000")
    connection.close()
    before = hashlib.sha256(database.read_bytes()).hexdigest()
    name = start()
    code = rig.processes[name].child.wait(timeout=20)
    said = log_of(rig, name)
    assert code not in (0, None) and code > 0, f"{name} ended with {code} on a newer {file}"
    assert "9000" in said and "newer" in said, f"{name} does not say what is wrong with {file}: {said[-500:]}"
    assert hashlib.sha256(database.read_bytes()).hexdigest() == before, f"{name} changed the newer {file}"
    with sqlite3.connect(database) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()


def newer_gateway_databases(rig):
    start_until_watching(rig)
    end_in_order(rig.processes["gateway"])
    for file in ("alarm.db", "data.db"):
        def start():
            rig.start_gateway()
            return "gateway"
        newer_database(rig, rig.dir / "gateway", file, start)
    start_until_watching(rig)
    say("newer alarm.db and data.db refused and left alone")


LIES = [  # (name, what becomes of an answer)
    ("silent", lambda request, answer: None),
    ("another unit", lambda request, answer: answer[:6] + b"\x63" + answer[7:]),
    ("another transaction", lambda request, answer: bytes([request[0] ^ 0x55]) + answer[1:]),
    ("another function", lambda request, answer: answer[:7] + b"\x03" + answer[8:]),
    ("a wrong count", lambda request, answer: answer[:8] + b"\x40" + answer[9:]),
    ("a length beyond all bounds", lambda request, answer: answer[:4] + b"\xff\xff" + answer[6:]),
    ("noise", lambda request, answer: bytes(range(200, 251)) * 3),
    ("half an answer", lambda request, answer: answer[:5]),
    ("an exception", lambda request, answer: answer[:5] + b"\x03" + answer[6:7] + bytes([request[7] | 0x80, 4])),
]


def lying_device(rig, building):
    """A detector that is silent or lies is a fault within seconds and never an alarm; the others are watched on."""
    wait_for("every device answers", lambda: not rig.status()["lost"] and not open_alarms(rig), 30, 0.2)
    for unit, (name, lie) in zip(building.units["1F"], LIES, strict=True):
        building.panel.wrong = lambda request, answer: lie(request, answer) if request[6] == unit else answer
        liar, other = building.name_of(unit), building.units["2F"][unit - 1]
        wait_for(f"{name}: a fault of {liar}", lambda: alive(rig, "gateway") and find_alarm(rig, device=liar, klass="fault"), 20, 0.1)
        assert not find_alarm(rig, klass="fire"), f"{name}: a lie became a fire"
        building.smoke(other, True)
        wait_for(f"{name}: the others are watched", lambda: find_alarm(rig, device=building.name_of(other), klass="fire"), 6, 0.05)
        building.smoke(other, False)
        reset_zone(rig, "2F")
        building.panel.wrong = None
    wait_for("all tell the truth again and no fault stays", lambda: not find_alarm(rig, klass="fault"), 90, 0.2)
    say(f"{len(LIES)} kinds of lies told by detectors: each a fault, none an alarm")


def broker_away(rig, building):
    """Without a broker the gateway watches, alarms and acts; when it comes, nothing is missing."""
    status = rig.status()
    assert not status["uplink"]["connected"] and status["uplink"]["last_problem"], status["uplink"]
    for unit in building.units["1F"][:2]:
        building.smoke(unit, True)
    wait_for("the fire is confirmed without a broker", lambda: find_alarm(rig, rule="confirmed", zone="1F"), 15, 0.1)
    wait_for("its door is released", lambda: building.panel.devices[SmokeBuilding.RELAY_UNIT].coils[0] == 0, 10)
    rig.start_broker("field")
    rig.start_broker("city")
    rig.start_city()
    rig.start_cloud()
    rig.wait_connected()
    known = {alarm["alarm_id"] for alarm in open_alarms(rig)}
    wait_for("the cloud has every alarm", lambda: known <= {alarm["alarm_id"] for alarm in rig.all_alarms()}, 30, 0.2)
    building.clear("1F")
    reset_zone(rig, "1F")
    say("a fire without a broker: acted on, and told when the broker came")


HOSTILE = [b"", b"\0", b"hello", b"\xff" * 40, b"\x0a\xff\xff\xff\xff\x0f", bytes(range(256)) * 8, b"{\"json\": true}", b"\x08\x96\x01" * 300]
UP = ("up/hello", "up/alarm", "up/event", "up/data", "up/now", "up/alive", "up/nothing")
DOWN = ("down/resume", "down/ack", "down/command", "down/desired", "down/nothing")


def publish(rig, topic, payload):
    body = rig.dir / "payload"
    body.write_bytes(payload)
    subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(rig.ports["field"]), "-V", "mqttv5", "-q", "1", "-t", topic, "-f", body],
                   check=True, timeout=20)


def hostile_messages(rig, building):
    """Malformed payloads on every topic, and on those of strangers: counted, dropped; the chain works on."""
    before, sent = rejected(rig), 0
    for payload in HOSTILE:
        for topic in [f"{TOPIC}/{suffix}" for suffix in UP + DOWN]:
            publish(rig, topic, payload)
            sent += topic.split("/")[4] == "up" and payload not in (b"",)
    for topic in (f"tocsin/1/{SHARD}/stranger-1/up/hello", f"tocsin/1/00/{GATEWAY}/up/hello", f"tocsin/1/{SHARD}/BAD_ID/up/alarm"):
        publish(rig, topic, b"\x09\x01\x02\x03\x04\x05\x06\x07\x08")
    counted = wait_for("the cloud counts what it refused", lambda: rejected(rig) - before if rejected(rig) - before >= 20 else 0, 20, 0.2)
    wait_for("the gateway counts what it refused", lambda: rig.status()["uplink"]["rejected"] >= 10, 10, 0.2)
    for name in ("gateway", "cloud", "field"):
        alive(rig, name)
    rig.wait_connected(90)
    unit = building.units["2F"][1]
    building.smoke(unit, True)
    alarm = wait_for("a new alarm at the gateway", lambda: find_alarm(rig, device=building.name_of(unit), klass="fire"), 10, 0.1)
    wait_for("and at the cloud", lambda: any(a["alarm_id"] == alarm["alarm_id"] for a in rig.all_alarms()), 90, 0.2)
    phantoms = {a["alarm_id"] for a in rig.all_alarms()} - {a["alarm_id"] for a in open_alarms(rig)}
    assert all(a["gateway"] == GATEWAY for a in rig.all_alarms()), f"alarms of strangers: {phantoms}"
    say(f"{sent} hostile messages upwards, {counted:g} counted by the cloud, {rig.status()['uplink']['rejected']} by the gateway")


def newer_cloud_database(rig):
    assert end_in_order(rig.processes["cloud"]) == 0
    def start():
        rig.start_cloud()
        return "cloud"
    newer_database(rig, rig.dir / "cloud", "cloud.db", start)


def scenario(rig, options):
    building = SmokeBuilding(zones=2, each=len(LIES))
    try:
        wrong_configurations(rig, building)
        rig.write_gateway_config(building.config(rig.ports["field"]))
        newer_gateway_databases(rig)
        lying_device(rig, building)
        broker_away(rig, building)
        hostile_messages(rig, building)
        newer_cloud_database(rig)
    finally:
        building.panel.stop()
    return f"{len(WRONG_CONFIGS) + 1} wrong configurations, {len(LIES)} lies, {len(HOSTILE)} hostile payloads, seed {options.seed}"


if __name__ == "__main__":
    main(scenario)
