"""What every scenario shares: options, a clean end, and the few questions to the databases of programs that have ended.

A scenario is a function (rig, options) that returns its last line. It fails by an AssertionError or a RigError; then the logs
stay and their folder is named.
"""
import argparse
import random
import signal
import sqlite3
import sys
import traceback

from rig import GATEWAY, Rig, RigError, wait_for


def main(scenario):
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, help="folder of the programs")
    parser.add_argument("--kills", type=int, default=20, help="kills of each process")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random moments")
    options = parser.parse_args()
    options.random = random.Random(options.seed)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    rig = Rig(options.bin)
    good = False
    try:
        last_line = scenario(rig, options)
        good = True
    except Exception:  # any failure of a test is reported alike
        traceback.print_exc(file=sys.stdout)
        last_line = f"failed with seed {options.seed}; logs are in {rig.dir}"
    finally:
        rig.stop(keep_files=not good)
    print(last_line, flush=True)
    sys.exit(0 if good else 1)


def say(text):
    print(f"  {text}", flush=True)


def start_until_watching(rig, seconds=20):
    """Starts the gateway and waits until it answers."""
    rig.start_gateway()
    wait_for("the gateway answers", lambda: alive(rig, "gateway") and rig.status().get("gateway"), seconds, 0.05)


def alive(rig, name):
    process = rig.processes[name]
    if not process.alive():
        raise RigError(f"{name} ended with {process.child.returncode}: {log_of(rig, name)[-1500:]}")
    return True


def log_of(rig, name):
    return (rig.dir / f"{name}.log").read_text(errors="replace")


def end_in_order(process, seconds=15):
    """Asks a process to end and returns its exit code."""
    process.child.send_signal(signal.SIGTERM)
    return process.child.wait(timeout=seconds)


def open_alarms(rig):
    code, answer = rig.tocsin("alarms")
    if "items" not in answer:
        raise RigError(f"`tocsin alarms` ended with {code}: {answer.get('error')}")
    return answer["items"]


def find_alarm(rig, **wanted):
    """The first open alarm whose members have these values; `zone` is that of its site."""
    for alarm in open_alarms(rig):
        flat = {**alarm, "zone": alarm["site"]["zone"], "klass": alarm["class"]}
        if all(flat[key] == value for key, value in wanted.items()):
            return alarm
    return None


def reset_zone(rig, zone, seconds=20):
    """Repeats the reset until it is accepted: right after the smoke has gone it is still refused."""
    said = {}
    def accepted():
        code, said["last"] = rig.tocsin("alarms", "reset", "--zone", zone)
        return code == 0
    try:
        wait_for("accepted", accepted, seconds, 0.2)
    except RigError:
        raise RigError(f"the reset of {zone} is still refused after {seconds:g} s: {said['last']}") from None


def rows_of(database, sql, *values):
    """Of a database whose program has ended, or read-only beside it."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()


class GatewayLedger:
    """What the gateway ever stored in its lanes: read from alarm.db after the gateway has ended."""

    def __init__(self, state_dir):
        database = state_dir / "alarm.db"
        meta = dict(rows_of(database, "SELECT name, value FROM meta"))
        self.epoch = meta["epoch"] & (2**64 - 1)
        self.records = {("alarm", seq): body for seq, body in rows_of(database, "SELECT seq, body FROM alarm")}
        self.records |= {("event", seq): body for seq, body in rows_of(database, "SELECT seq, body FROM event")}

    def alarm_ids(self):
        return {alarm_id_of(body, self.epoch, seq) for (lane, seq), body in self.records.items() if lane == "alarm"}


def alarm_id_of(body, epoch, seq):
    """AlarmBody of sync/wire/tocsin.proto: {change = 1 {alarm_id = 4}} or {effect = 2 {alarm_id = 1}}."""
    kind, inner = next(iter(protobuf_fields(body)))
    for field, value in protobuf_fields(inner):
        if field == (4 if kind == 1 else 1) and value:
            return value.decode()
    return f"{GATEWAY}-{epoch:016x}-{seq}"


def protobuf_fields(data):
    """(number, value) of one message; lengths are bytes, all else is skipped over as None."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 2:
            size, at = varint(data, at)
            yield number, data[at:at + size]
            at += size
        elif kind == 0:
            value, at = varint(data, at)
            yield number, None
        else:
            at += {1: 8, 5: 4}[kind]
            yield number, None


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if byte < 0x80:
            return value, at


def metrics(rig):
    """/metrics as {line without its value: value}."""
    found = {}
    for line in rig.get("/metrics").splitlines():
        if line and not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            found[name] = float(value)
    return found


def rejected(rig):
    return sum(value for name, value in metrics(rig).items() if name.startswith("tocsin_rejected_total"))


def check_city_log(rig):
    """(entries, gaps, forks): of the city's log as its subscriber saw it; an identical repeat is allowed."""
    log = rig.city_log()
    if not log:
        return 0, 0, 0
    epochs = {entry["feed_epoch"] for entries in log.values() for entry in entries}
    assert len(epochs) == 1, f"the feed began a new epoch without a restore: {sorted(epochs)}"
    gaps = max(log) - min(log) + 1 - len(log)
    forks = sum(1 for entries in log.values() if any(entry != entries[0] for entry in entries))
    return len(log), gaps, forks
