"""Long runs, only when named: a backlog of a million readings, and ten times the load."""
import sqlite3
import struct
import time

from content_tests import crc32c
from network_tests import percentile, resident_kib
from stand import METER_READINGS, Stand, say, wait_for

DATA_LANE, READINGS_PER_RECORD, BYTES_PER_READING = 3, 200, 4
ALARM_P99_LIMIT_S = 1.0


def backlog(options, seed):
    """T8: a backlog of --readings readings (one million): from `resume` on, a new alarm's p99 is below one second."""
    with Stand(options, seed, zones=8, detectors=10, meters=22) as stand:
        rig = stand.rig
        stand.start()
        time.sleep(8)
        rig.processes["field"].kill()
        time.sleep(3)
        rig.processes["gateway"].kill()
        records = add_backlog(rig.dir / "gateway/data.db", options.readings // READINGS_PER_RECORD, stand.random)
        stand.restart_gateway()
        wait_for("every device answers", lambda: rig.status().get("lost") == [], 20, 0.1)
        say(f"backlog: {records} records of {READINGS_PER_RECORD} readings")
        rig.start_broker("field")
        rig.wait_connected(60)
        resumed = time.time()
        drained_at = None
        while time.time() < resumed + 30 or not drained_at:
            stand.burst.step()
            time.sleep(stand.random.uniform(0.05, 0.3))
            if not drained_at and stand.waiting("data") < 20:
                drained_at = time.time()
            assert time.time() < resumed + 300, f"{stand.waiting('data')} data records still wait"
        verdict = stand.verdict()
        delays = alarm_delays(stand, resumed)
        p99 = percentile(delays, 0.99)
        say(f"drained {drained_at - resumed:.1f} s after resume; {len(delays)} alarm records since: stored at the cloud after "
            f"p50 {percentile(delays, 0.5) * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, worst {max(delays) * 1000:.0f} ms")
        assert p99 < ALARM_P99_LIMIT_S, "alarms wait behind the backlog"
        return verdict


def alarm_delays(stand, since):
    """Seconds from stored at the gateway to stored at the cloud, of alarm records stored after `since` (UTC)."""
    rows = stand.cloud_rows("SELECT (received - stored) / 1000.0 FROM record WHERE lane=1 AND stored >= ?", int(since * 1000))
    return [row[0] for row in rows]


def add_backlog(database, records, random):
    """So many more records, each as long as the block of 200 readings of a plant and as unlike the others as noise: nothing
    on the way may profit from repetition. Returns how many wait."""
    connection = sqlite3.connect(database)
    try:
        seq, stored = connection.execute("SELECT seq, stored FROM data ORDER BY seq DESC LIMIT 1").fetchone()
        for number in range(seq + 1, seq + 1 + records):
            body = random.randbytes(BYTES_PER_READING * READINGS_PER_RECORD)
            check = crc32c(body, crc32c(struct.pack("<BQQ", DATA_LANE, number, stored)))
            connection.execute("INSERT INTO data VALUES (?,?,?,?)", (number, stored, check, body))
        connection.commit()
        return connection.execute("SELECT count(*) FROM data").fetchone()[0]
    finally:
        connection.close()


def overload(options, seed):
    """T23: ten times the load for --minutes with the cloud away: memory bounded, telemetry shed and booked, alarms on time."""
    with Stand(options, seed, zones=8, detectors=10, meters=30, period="100ms") as stand:
        rig = stand.rig
        stand.start()
        gateway = rig.processes["gateway"].child.pid
        time.sleep(5)
        start = resident_kib(gateway)
        peak, end = start, time.monotonic() + options.minutes * 60
        stand.proxy.faults.bytes_per_second = 16_000
        while time.monotonic() < end:
            stand.churn(1.0, pause=(0.002, 0.02))
            peak = max(peak, resident_kib(gateway))
        delays = None
        lanes = {one["lane"]: one for one in rig.status()["lanes"]}
        verdict = stand.verdict(gaps=(DATA_LANE,))
        delays = alarm_delays(stand, 0)
        say(f"{options.minutes:g} min of about {stand.meters * METER_READINGS * 10} readings/s on 128 kbit/s: resident {start / 1024:.1f} MiB, "
            f"at most {peak / 1024:.1f}; data waiting {lanes['data']['waiting']}; alarms p99 {percentile(delays, 0.99):.2f} s")
        assert peak < 64 * 1024, f"the gateway grew to {peak} KiB"
        return verdict
