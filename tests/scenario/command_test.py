#!/usr/bin/env python3
"""Signed commands end to end: obeyed once, forgeries refused, a pulse never given twice across kill -9.

usage: command_test.py --bin DIR [--kills N] [--seed S]
"""
import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request

from orders import Publisher, Signer, command, fields
from panel import SmokeBuilding
from rig import GATEWAY, wait_for
from scenario import main, reset_zone, say, start_until_watching

DOOR, FRONT = 0, 7  # coils: the escape door of 1F, and the front door, which is none
OPEN_OF = {DOOR: 0, FRONT: 1}
FRONT_DOOR = """[effect.front-door]
zone = "1F"
output = "relay-1/ch8"
feedback = "relay-1/in8"
words = { off = "locked", on = "open" }
safe = "locked"
normal = "locked"
active = "open"
"""
FINAL = ("done", "failed", "indeterminate", "refused", "expired")


def make_key(rig, name):
    """(the table for gateway.toml, the signer with the same key)."""
    made = subprocess.run([rig.bin / "tocsin-cloud", "key", "create", "--name", name, "--state", rig.dir / "cloud"],
                          capture_output=True, text=True, timeout=20, check=True)
    file = rig.dir / "cloud/keys" / f"{name}.key"
    assert file.stat().st_mode & 0o777 == 0o400, "others may read the private key"
    assert file.read_text().strip() not in made.stdout, "the private key was printed"
    return made.stdout, Signer(name, bytes.fromhex(file.read_text()))


class Stand:
    def __init__(self, rig, options):
        self.rig, self.random = rig, options.random
        self.building = SmokeBuilding(zones=1, each=2)
        self.panel = self.building.panel
        relay = self.panel.devices[SmokeBuilding.RELAY_UNIT]
        relay.coils.update({DOOR: 1, FRONT: 0})
        table, self.signer = make_key(rig, "desk")
        rig.start(self.building.config(rig.ports["field"]) + FRONT_DOOR + table)
        self.wire = rig.run("wire", [shutil.which("mosquitto_sub"), "-h", "127.0.0.1", "-p", rig.ports["field"], "-V", "mqttv5",
                                     "-t", "tocsin/1/+/+/down/+", "-F", "%t %x"], lines=True)
        wait_for("the doors have been read", self.doors_read, 20, 0.1)

    def doors_read(self):
        return all(effect["feedback"] for effect in self.rig.status().get("effects", [{"feedback": None}]))

    def ask(self, method, path, body=None):
        """(status, document) of the cloud's API."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.rig.ports['api']}/api/v1{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Authorization": f"Bearer {self.rig.token}"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def order(self, point, operation, valid_for_s=60, **arguments):
        status, document = self.ask("POST", f"/gateways/{GATEWAY}/commands",
                                    {"point": point, "operation": operation, "arguments": arguments, "valid_for_s": valid_for_s})
        assert status == 202, document
        return document["id"]

    def state(self, identity):
        return self.ask("GET", f"/gateways/{GATEWAY}/commands/{identity}")[1]

    def end_of(self, identity, seconds=30):
        return wait_for(f"an answer to {identity}",
                        lambda: (found := self.state(identity))["state"] in FINAL and found, seconds, 0.05)

    def opened(self, coil, since=0):
        return sum(1 for move in self.panel.movements[since:] if move == (coil, OPEN_OF[coil]))

    def captured(self, suffix):
        """Orders that went over the wire, oldest first: (topic, bytes)."""
        found = [line.split(" ") for _, line in list(self.wire.lines)]
        return [(topic, bytes.fromhex(data)) for topic, data in found if topic.endswith(suffix)]

    def refused(self):
        return self.rig.status()["orders"]["refused"]


def a_command_opens_a_door(stand):
    begin = len(stand.panel.movements)
    end = stand.end_of(stand.order("effect/door-1", "pulse", seconds="1"))
    assert end["state"] == "done" and end["detail"] == "open, confirmed", end
    wait_for("the door locks again", lambda: stand.panel.movements[begin:] == [(DOOR, 0), (DOOR, 1)], 10)
    for body, why in (({"point": "effect/door-1"}, "operation"), ({"point": "x", "operation": "explode"}, "operation"),
                      ({"point": "x", "operation": "hold", "extra": 1}, "extra"), ([], "object")):
        status, document = stand.ask("POST", f"/gateways/{GATEWAY}/commands", body)
        assert status == 400 and why in document["error"], (status, document)


def forgeries_move_nothing(stand, count):
    """What an attacker at the field broker can do with a genuine order that he has seen."""
    topic, genuine = stand.captured("down/command")[-1]
    begin, before = len(stand.panel.movements), sum(stand.refused().values())
    stranger = Signer("desk", b"\7" * 32)
    now = int(time.time() * 1000)
    seen = fields(fields(genuine)[1])
    session, term = seen[11], seen[8]
    publisher = Publisher(stand.rig.ports["field"])
    sent = 0

    def forge(**changes):
        order = {"identity": stand.random.randbytes(16), "gateway": GATEWAY, "point": "effect/door-1", "operation": "pulse",
                 "arguments": {"seconds": "1"}, "issued_ms": now, "not_after_ms": now + 60000, "term": term,
                 "counter": 1 << 40, "session_nonce": session} | changes
        return command(**order)

    kinds = {
        "replayed": lambda: genuine,
        "bad-signature": lambda: stranger.sign(forge()),
        "unknown-key": lambda: Signer("nobody", b"\7" * 32).sign(forge()),
        "foreign": lambda: stand.signer.sign(forge(gateway="wangjing-b13")),
        "old-term": lambda: stand.signer.sign(forge(term=1)),
        "lifetime": lambda: stand.signer.sign(forge(not_after_ms=now + 86400000)),
        "wrong-session": lambda: stand.signer.sign(forge(session_nonce=session ^ 1, counter=(1 << 40) + sent)),
        "flipped": lambda: flipped(stand.random, genuine),
        "oversize": lambda: genuine + b"\0" * 70000,
    }
    while sent < count:
        for make in kinds.values():
            publisher.publish(topic, make())
            sent += 1
    publisher.close()
    wait_for("every forgery is counted", lambda: sum(stand.refused().values()) >= before + sent, 30, 0.1)
    words = set(stand.refused())
    missing = set(kinds) - words - {"flipped"}
    assert not missing, f"never refused as {missing}: {stand.refused()}"
    assert stand.panel.movements[begin:] == [], f"a forgery moved {stand.panel.movements[begin:]}"
    return sent


def flipped(random, genuine):
    bad = bytearray(genuine)
    bad[random.randrange(len(bad) - 64 - 2, len(bad))] ^= 1 << random.randrange(8)  # in the signature or its frame
    return bytes(bad)


def the_desk_goes_on(stand):
    """Forgeries by the key itself have spent counters: a new owner of a higher term begins anew."""
    stand.rig.processes["cloud"].kill()
    stand.rig.start_cloud()
    wait_for("the cloud answers", lambda: answers(stand), 20, 0.1)
    stand.rig.wait_connected()
    end = stand.end_of(stand.order("effect/front-door", "pulse", seconds="1"))
    assert end["state"] == "done", end


def answers(stand):
    try:
        return stand.ask("GET", "/gateways")[0] == 200
    except OSError:
        return False


def a_pulse_is_never_given_twice(stand, kills):
    outcomes = {}
    for _ in range(kills):
        begin = len(stand.panel.movements)
        identity = stand.order("effect/front-door", "pulse", seconds="1")
        time.sleep(stand.random.uniform(0, 0.25))
        stand.rig.processes["gateway"].kill()
        start_until_watching(stand.rig)
        end = stand.end_of(identity, 40)
        wait_for("the front door is locked", lambda: stand.panel.devices[SmokeBuilding.RELAY_UNIT].coils[FRONT] == 0, 20)
        opened = stand.opened(FRONT, begin)
        assert opened <= 1, f"{opened} pulses for one order: {end}, {stand.panel.movements[begin:]}"
        assert end["state"] != "done" or opened == 1, f"done, and the door never moved: {end}"
        outcomes[end["state"]] = outcomes.get(end["state"], 0) + 1
    return outcomes


def desired_outputs_survive_restarts(stand):
    stand.rig.processes["gateway"].kill()
    status, document = stand.ask("PUT", f"/gateways/{GATEWAY}/desired",
                                 {"outputs": {"front-door": "open"}, "valid_for_s": 600, "on_expiry": "safe"})
    assert status == 202 and document["state"] == "sent", document
    stand.rig.processes["cloud"].kill()
    stand.rig.start_cloud()
    start_until_watching(stand.rig)
    relay = stand.panel.devices[SmokeBuilding.RELAY_UNIT]
    wait_for("the desired output is driven", lambda: relay.coils[FRONT] == 1, 40, 0.05)
    wait_for("the cloud knows that it is applied", lambda: answers(stand) and stand.ask(
        "GET", f"/gateways/{GATEWAY}/desired")[1].get("state") == "applied", 30, 0.1)
    assert stand.rig.status()["orders"]["desired_version"] == document["version"]
    end = stand.end_of(stand.order("effect/front-door", "hold", word="locked"))
    assert end["state"] == "done" and relay.coils[FRONT] == 0, end  # a command goes before desired
    stand.end_of(stand.order("effect/front-door", "release"))
    wait_for("as desired again", lambda: relay.coils[FRONT] == 1, 10)


def retained_orders_are_refused(stand):
    """Planted in a broker that keeps them, they wait for the next connect of the gateway."""
    rig = stand.rig
    topic, genuine = stand.captured("down/command")[-1]
    rig.processes["gateway"].kill()
    rig.processes["field"].stop()
    conf = rig.dir / "field.conf"
    conf.write_text(conf.read_text().replace("retain_available false", "retain_available true"))
    rig.run("field", [shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-c", conf])
    wait_for("the broker listens", lambda: rig._listens(rig.ports["field"]))
    begin = len(stand.panel.movements)
    publisher = Publisher(rig.ports["field"])
    publisher.publish(topic, genuine, retain=True)
    publisher.close()
    start_until_watching(rig)
    wait_for("the planted order is refused", lambda: stand.refused().get("retained", 0) == 1, 20, 0.1)
    rig.wait_connected()
    assert stand.panel.movements[begin:] == [], "a retained order moved a door"


def nothing_locks_a_door_in_a_fire(stand):
    for unit in stand.building.units["1F"]:
        stand.building.smoke(unit, True)
    relay = stand.panel.devices[SmokeBuilding.RELAY_UNIT]
    wait_for("the escape door is released", lambda: relay.coils[DOOR] == 0, 15)
    end = stand.end_of(stand.order("effect/door-1", "hold", word="locked"))
    assert (end["state"], end["refusal"]) == ("refused", "fire-latched"), end
    code, said = stand.rig.tocsin("write", "door-1", "locked")
    assert code == 1 and "fire" in said["error"], said
    stand.building.clear("1F")
    assert relay.coils[DOOR] == 0


def the_desk_resets(stand):
    alarm = next(item for item in stand.ask("GET", "/alarms?state=open")[1]["items"] if item["rule"] == "confirmed")
    relay = stand.panel.devices[SmokeBuilding.RELAY_UNIT]

    def accepted():
        status, document = stand.ask("POST", f"/alarms/{alarm['alarm_id']}/reset")
        assert status == 202, document
        return stand.end_of(document["id"])["state"] == "done"
    wait_for("the reset from the desk is done", accepted, 30, 0.5)
    wait_for("the escape door locks again", lambda: relay.coils[DOOR] == 1, 20)


def a_person_on_site_goes_first(stand):
    relay = stand.panel.devices[SmokeBuilding.RELAY_UNIT]
    code, said = stand.rig.tocsin("write", "door-1", "open")
    assert code == 0, said
    wait_for("held open by hand", lambda: relay.coils[DOOR] == 0, 10)
    end = stand.end_of(stand.order("effect/door-1", "hold", word="locked"))
    assert (end["state"], end["refusal"]) == ("refused", "overruled"), end
    assert stand.rig.tocsin("write", "door-1", "--release")[0] == 0
    wait_for("given back", lambda: relay.coils[DOOR] == 1, 10)


def a_short_lived_order_in_a_long_session(stand):
    """Without a synchronised clock the gateway asks for a younger signature first; with one it need not."""
    time.sleep(6)
    end = stand.end_of(stand.order("effect/front-door", "release", valid_for_s=5))
    clock = stand.rig.status()["clock"]
    assert end["state"] == "done" and (end["attempts"] > 1) == (clock == "unsynchronised"), (clock, end)


def scenario(rig, options):
    stand = Stand(rig, options)
    try:
        a_command_opens_a_door(stand)
        say("a command opened a door once and was answered; wrong bodies are refused")
        forged = forgeries_move_nothing(stand, 300)
        say(f"{forged} forgeries at the field broker: 0 actuations")
        the_desk_goes_on(stand)
        kills = max(5, options.kills // 4)
        outcomes = a_pulse_is_never_given_twice(stand, kills)
        say(f"{kills} kills while a pulse was ordered: {outcomes}")
        retained_orders_are_refused(stand)
        desired_outputs_survive_restarts(stand)
        say("desired outputs came through a restart of both ends")
        nothing_locks_a_door_in_a_fire(stand)
        the_desk_resets(stand)
        a_person_on_site_goes_first(stand)
        a_short_lived_order_in_a_long_session(stand)
    finally:
        stand.panel.stop()
    return f"{kills} kills, {forged} forgeries, 0 wrong actuations, seed {options.seed}"


if __name__ == "__main__":
    main(scenario)
