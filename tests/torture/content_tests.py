"""T32 to T35: what no honest gateway sends, and two that claim to be one."""
import hashlib
import shutil
import sqlite3
import struct
import subprocess

from rig import COMMUNITY
from scenario import metrics, rejected
from stand import GATEWAY, ROOT, Stand, Verdict, say, wait_for

FLAGGED_LIMIT_S = 60.0


def crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


CRC_TABLE = crc_table()


def crc32c(data, crc=0):
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def batch(epoch, lane, first, bodies):
    """A Batch of sync/wire/tocsin.proto that says: nothing is missing before me."""
    text = b"\x09" + struct.pack("<Q", epoch) + b"\x10" + varint(lane) + b"\x18" + varint(first - 1) + b"\x20" + varint(first)
    text += b"".join(b"\x2a" + varint(len(body)) + body for body in bodies)
    text += b"\x32" + varint(4 * len(bodies)) + b"".join(struct.pack("<I", crc32c(body)) for body in bodies)
    return text + b"\x3a" + varint(len(bodies)) + b"\0" * len(bodies)


def topic(suffix):
    shard = hashlib.sha256(COMMUNITY["community"].encode()).hexdigest()[:2]
    return f"tocsin/1/{shard}/{GATEWAY}/up/{suffix}"


def publish(rig, suffix, payload):
    file = rig.dir / "payload"
    file.write_bytes(payload)
    subprocess.run([shutil.which("mosquitto_pub"), "-h", "127.0.0.1", "-p", str(rig.ports["field"]), "-V", "mqttv5", "-q", "1",
                    "-t", topic(suffix), "-f", str(file)], check=True, timeout=20)


def payload_of(packet):
    """Of an MQTT 5 PUBLISH with QoS 1 and few properties."""
    at = 1
    while packet[at] >= 0x80:
        at += 1
    at += 1
    at += 2 + struct.unpack_from(">H", packet, at)[0] + 2
    return packet[at + 1 + packet[at]:]


def malformed(options, seed):
    """T32: noise, truncated frames, deep nesting and 200 KiB on every topic: refused, counted, and no lane is held up."""
    with Stand(options, seed) as stand:
        rig = stand.rig
        stand.start()
        stand.churn(2)
        frame = payload_of(stand.proxy.seen["up/alarm"])
        before = rejected(rig)
        sent = 0
        for _ in range(max(5, int(options.seconds(30)))):
            junk = [stand.random.randbytes(stand.random.randint(1, 400)), frame[:stand.random.randrange(1, max(2, len(frame) // 2))],
                    b"\x2a\x7f" * 2000, stand.random.randbytes(200 * 1024), b""]
            publish(rig, stand.random.choice(["alarm", "event", "data", "now", "alive"]), stand.random.choice(junk))
            sent += 1
            stand.burst.step()
        assert rejected(rig) > before, "nothing was refused"
        say(f"{sent} malformed messages, {rejected(rig) - before:.0f} refused")
        return stand.verdict()


def poison_alarm(options, seed):
    """T33: an alarm record that nobody can read, in the middle of the lane: stored, counted, and the lane goes on."""
    with Stand(options, seed) as stand:
        rig = stand.rig
        stand.start()
        stand.churn(3)
        rig.processes["gateway"].kill()
        poison(rig.dir / "gateway/alarm.db", b"\x7a\x02\x08\x01")
        stand.restart_gateway()
        stand.churn(3)
        unreadable = lambda: sum(value for name, value in metrics(rig).items() if "unreadable" in name)  # noqa: E731
        wait_for("the unreadable record is counted", lambda: unreadable() >= 1, 30, 0.2)
        verdict = stand.verdict()
        verdict.lost -= 1  # the record is at both ends, but it names no alarm
        return verdict


def poison(database, body):
    connection = sqlite3.connect(database)
    try:
        seq = connection.execute("SELECT max(seq) FROM alarm").fetchone()[0] + 1
        stored = 1_700_000_000_000
        check = crc32c(body, crc32c(b"\x01" + struct.pack("<QQ", seq, stored)))
        connection.execute("INSERT INTO alarm VALUES (?,?,?,?)", (seq, stored, check, body))
        connection.commit()
    finally:
        connection.close()


def is_flagged(rig):
    return any(one["gateway"] == GATEWAY and one["identity_conflict"] for one in rig.api("/api/v1/gateways")["items"])


def same_id_other_body(options, seed):
    """T34: another body under a known id: nothing is overwritten, the gateway is marked, the alarm is shown as well."""
    with Stand(options, seed) as stand:
        rig = stand.rig
        stand.start()
        stand.churn(2)
        wait_for("the cloud has acknowledged", lambda: stand.waiting("alarm") == 0, 30, 0.1)
        epoch = struct.unpack_from("<Q", payload_of(stand.proxy.seen["up/alarm"]), 1)[0]
        assert not is_flagged(rig)
        publish(rig, "alarm", batch(epoch, 1, 1, [b"\x0a\x0a\x0a\x08other-01"]))
        wait_for("the gateway is marked", lambda: is_flagged(rig), FLAGGED_LIMIT_S, 0.2)
        rig.processes["gateway"].kill()
        rig.processes["cloud"].stop()
        rows = stand.cloud_rows("SELECT r.body = c.body FROM clash c JOIN record r USING (gateway, epoch, lane, seq)")
        assert rows == [(0,)], f"not stored beside the first: {rows}"
        return Verdict(alarms=1)


def cloned_disk(options, seed):
    """T35: two gateways that run copies of one disk: marked within 60 s."""
    with Stand(options, seed) as stand:
        rig = stand.rig
        stand.start()
        stand.churn(2)
        rig.processes["gateway"].kill()
        shutil.copytree(rig.dir / "gateway", rig.dir / "clone")
        stand.restart_gateway()
        rig.run("clone", [rig.bin / "tocsin-gateway", "--config", rig.dir / "gateway.toml", "--state", rig.dir / "clone",
                          "--socket", rig.dir / "control-of-clone", "--profiles", ROOT / "drivers/profiles"])
        def marked():
            stand.burst.step()
            return is_flagged(rig)
        wait_for("the clone is noticed", marked, FLAGGED_LIMIT_S, 0.2)
        return Verdict(alarms=1)
