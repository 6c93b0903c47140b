"""A burst of fires, and the oracle that afterwards compares both ends record by record."""
import json
import time

from rig import GATEWAY, wait_for
from scenario import GatewayLedger, open_alarms, rows_of, say

REST_S = 31.0  # three activations within 60 s are chatter
LANES = {"alarm": 1, "event": 2}
RECOVERY_S = 90.0


class Burst:
    """Fires that flare up, go out and are reset, in random zones. Detectors, and zones between two confirmed fires,
    are given time: chatter would be folded into one alarm, and few alarms would be told."""

    def __init__(self, rig, building, random, zones=None):
        self.rig, self.building, self.random, self.resets = rig, building, random, 0
        self.zones = zones or building.zones
        self.rested_at = {}  # by zone and by unit
        self.latched = set()  # zones that wait for a reset

    def step(self):
        zone = self.random.choice(self.zones)
        if self.building.is_smoking(zone):
            self.building.clear(zone)
        elif zone in self.latched:
            self.reset(zone)
        else:
            self.ignite(zone)

    def ignite(self, zone):
        now = time.monotonic()
        rested = [unit for unit in self.building.units[zone] if self.rested_at.get(unit, 0) <= now]
        alone = self.rested_at.get(zone, 0) > now
        for unit in rested[:1 if alone else self.random.randint(2, 5)]:
            self.building.smoke(unit, True)
            self.rested_at[unit] = now + REST_S
            self.latched.add(zone)
        if not alone:
            self.rested_at[zone] = now + REST_S

    def reset(self, zone):
        """Refused while the smoke is not known to have gone, or with the gateway away: then it stays for another step."""
        if self.rig.tocsin("alarms", "reset", "--zone", zone)[0] == 0:
            self.latched.discard(zone)
            self.resets += 1


def calm_down(rig, building):
    """The fires end, somebody resets, and the cloud has heard of everything."""
    for zone in building.zones:
        building.clear(zone)
    wait_for("the gateway answers", lambda: rig.status().get("gateway"), RECOVERY_S, 0.1)
    def fires_are_closed():  # a fire that chattered is held for a minute
        for zone in building.zones:
            rig.tocsin("alarms", "reset", "--zone", zone)
        return not any(alarm["class"] == "fire" for alarm in open_alarms(rig))
    wait_for("no fire is open at the gateway", fires_are_closed, RECOVERY_S, 0.5)
    rig.wait_connected(RECOVERY_S)
    wait_for("everything is acknowledged by the cloud",
             lambda: all(lane["waiting"] == 0 for lane in rig.status()["lanes"] if lane["lane"] in LANES), RECOVERY_S, 0.2)


def compare_open(rig):
    """I14: what is open at the cloud is what is open at the gateway; `late` is the cloud's own, and stays until a person closes it."""
    edge = {alarm["alarm_id"] for alarm in open_alarms(rig)}
    def differs():
        return edge ^ {alarm["alarm_id"] for alarm in rig.all_alarms() if alarm["state"] != "closed" and alarm["rule"] != "late"}
    wait_for("the same alarms are open at both ends", lambda: not differs(), 20, 0.2)


def compare_stores(rig, gaps_allowed=()):
    """(alarms, lost, duplicated), after both programs have ended: records by id and body, alarms, feed. A gap may be
    booked in the lanes `gaps_allowed` (by number) only."""
    ledger = GatewayLedger(rig.dir / "gateway")
    database = rig.dir / "cloud/cloud.db"
    cloud = {}
    stored = "SELECT epoch, seq, body FROM record WHERE gateway = ? AND lane = ? AND epoch <> 0"  # 0: the cloud's own
    for name, lane in LANES.items():
        for epoch, seq, body in rows_of(database, stored, GATEWAY, lane):
            assert epoch & (2**64 - 1) == ledger.epoch, "the cloud knows an epoch that the gateway has not"
            cloud[name, seq] = body
    missing = ledger.records.keys() - cloud.keys()
    phantoms = cloud.keys() - ledger.records.keys()
    changed = [key for key in ledger.records.keys() & cloud.keys() if ledger.records[key] != cloud[key]]
    clashes = rows_of(database, "SELECT gateway, lane, seq FROM clash")
    gaps = [gap for gap in rows_of(database, "SELECT lane, from_seq, to_seq, cause FROM gap") if gap[0] not in gaps_allowed]
    assert not phantoms and not changed and not clashes, f"phantoms {phantoms}, changed bodies {changed}, clashes {clashes}"
    assert not gaps, f"gaps were booked although nothing had to be given up: {gaps}"
    in_cloud = [row[0] for row in rows_of(database, "SELECT alarm_id FROM alarm WHERE gateway = ?", GATEWAY)]
    known = ledger.alarm_ids()
    twice = len(in_cloud) - len(set(in_cloud)) + len(set(in_cloud) - known - own_alarms(database))
    repeated = told_twice(database)
    for line in repeated[:5]:
        say(f"told twice: {line}")
    return len(known), len(missing) + len(known - set(in_cloud)), twice + len(repeated)


def own_alarms(database):
    """Raised by the cloud itself: the gateway is silent, an alarm was late."""
    return {row[0] for row in rows_of(database, "SELECT alarm_id FROM alarm WHERE rule IN ('silence', 'late')")}


def told_twice(database):
    """Transitions that stand in the city's log under two numbers."""
    seen, repeated = set(), []
    for seq, body in rows_of(database, "SELECT seq, body FROM feed ORDER BY seq"):
        document = json.loads(body)
        document["feed_seq"] = document["times"]["feed"] = None
        text = json.dumps(document, sort_keys=True)
        if text in seen:
            repeated.append(f"{seq}: {document['alarm_id']} {document['state']}")
        seen.add(text)
    return repeated


def city_is_complete(rig):
    """The newest number the city saw is the highest that any alarm document of the API carries."""
    newest = max((alarm["feed_seq"] or 0 for alarm in rig.all_alarms()), default=0)
    log = rig.city_log()
    return newest > 0 and log and max(log) >= newest
