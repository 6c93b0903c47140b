"""T5, T14, T15, T19, T21, T48: what disks and their keepers do."""
import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
import time

from disk_full_test import mount
from scenario import end_in_order, log_of
from shim import SYNC, WRITE
from stand import GATEWAY, Stand, Verdict, alive, say, wait_for

ROOM_AGAIN_S = 60.0
DATA = 3  # the lane that may give records up


def power_cut(options, seed):
    """T5: a VFS loses a random part of what was not synced, sectors torn, at every write of the alarm path."""
    program = options.unit / "outbox_power_cut_test"
    if not program.exists():
        say(f"skipped: {program} is not built (ninja -C build/dev outbox_power_cut_test)")
        return None
    done = subprocess.run([program], capture_output=True, text=True, timeout=900, check=False,
                          env={**os.environ, "TOCSIN_POWER_CUTS_SEED": str(seed)})
    assert done.returncode == 0, done.stdout[-2000:]
    say(re.sub(r"\s+", " ", done.stdout.strip().splitlines()[-2]))
    return Verdict(alarms=1)


def fill_to(folder, percent):
    """A file that leaves 100 - percent of the disk."""
    disk = os.statvfs(folder)
    left = disk.f_blocks * disk.f_frsize * (100 - percent) // 100
    size = disk.f_bavail * disk.f_frsize - left
    ballast = folder / "ballast"
    try:
        with open(ballast, "wb", buffering=0) as file:
            while size > 0:
                size -= file.write(b"\0" * min(size, 4096))
    except OSError:
        pass
    return ballast


def disk_full(options, seed):
    """T14: a tmpfs at every level from 90 to 100 % in a burst: alarms wait in memory, and are stored once there is room."""
    stand = Stand(options, seed, meters=22)
    state = stand.rig.dir / "gateway"
    mounted = mount(state)
    if mounted is not True:
        say(f"skipped: no tmpfs may be mounted here ({mounted})")
        return None
    try:
        with stand:
            stand.start()
            for level in range(90, 101):
                ballast = fill_to(state, level)
                stand.churn(options.seconds(2))
                ballast.unlink()
                wait_for(f"all is stored after {level} %", lambda: alive(stand.rig, "gateway") and not stand.store_failing(),
                         ROOM_AGAIN_S, 0.1)
            return stand.verdict(gaps=(DATA,))
    finally:
        subprocess.run(["umount", "-l", state], check=False)


def io_errors(options, seed):
    """T15: EIO of the nth sync or write, n = 1 ..: no failed commit is acknowledged, nothing is lost, even by a kill after."""
    with Stand(options, seed, shim=True) as stand:
        stand.start()
        hits = kills = 0
        rounds = max(10, int(options.seconds(60)))
        for number in range(rounds):
            stand.shim.fail(stand.random.choice([SYNC, WRITE]), after=number % 40, times=stand.random.randint(1, 3))
            stand.churn(0.5, pause=(0.002, 0.02))
            hits += stand.shim.failed()
            if number % 5 == 4:
                stand.rig.processes["gateway"].kill()
                kills += 1
            stand.shim.heal()
            if not stand.rig.processes["gateway"].alive():
                code = stand.rig.processes["gateway"].child.returncode
                assert code == -9, f"an I/O error ended the gateway with {code}"
                stand.restart_gateway()
        assert hits > 0, "no call failed: the shim is not in the gateway"
        say(f"{rounds} rounds, {hits} calls failed, {kills} kills right after")
        return stand.verdict()


def restored_cloud(options, seed):
    """T19: the cloud's database comes back from an older backup: the gateways refill the hole."""
    with Stand(options, seed) as stand:
        rig = stand.rig
        stand.start()
        stand.churn(options.seconds(5))
        assert end_in_order(rig.processes["cloud"], 30) == 0
        backup = rig.dir / "backup"
        shutil.copytree(rig.dir / "cloud", backup)
        stand.restart_cloud()
        stand.churn(options.seconds(10))
        rig.wait_connected(60)
        wait_for("the cloud has acknowledged", lambda: stand.waiting("alarm") == 0, 30, 0.1)
        rig.processes["cloud"].kill()
        shutil.rmtree(rig.dir / "cloud")
        shutil.copytree(backup, rig.dir / "cloud")
        rig.run("cloud", [rig.bin / "tocsin-cloud", "run", "--config", rig.dir / "cloud.toml", "--state", rig.dir / "cloud", "--restored"])
        stand.churn(options.seconds(3))
        return stand.verdict(gaps=(DATA,), city=False)  # acknowledged readings are gone; the feed rightly begins a new epoch


def zero_header(state, _):
    with open(state / "alarm.db", "r+b") as file:
        file.write(b"\0" * 100)


def remove_wal(state, _):
    (state / "alarm.db-wal").unlink(missing_ok=True)


def flip_pages(state, random):
    with open(state / "alarm.db", "r+b") as file:
        size = file.seek(0, 2)
        for _ in range(20):
            file.seek(random.randrange(size))
            file.write(bytes([random.randrange(256)]))


def damage(options, seed):
    """T21: WAL gone, header zeroed, bytes flipped: the gateway serves within 5 s, says what is lost, and fires still arrive."""
    verdict = Verdict()
    for number, harm in enumerate([zero_header, remove_wal, flip_pages] * max(1, int(options.seconds(2)))):
        with Stand(options, seed + number, zones=2, detectors=4) as stand:
            rig, building = stand.rig, stand.building
            stand.start()
            stand.churn(3)
            rig.processes["gateway"].kill()
            harm(rig.dir / "gateway", stand.random)
            took = stand.restart_gateway()
            assert took < 5, f"after {harm.__name__} the gateway was ready only after {took:.1f} s"
            rig.wait_connected(60)
            for zone in building.zones:
                building.clear(zone)
            time.sleep(1)
            for unit in building.units[building.zones[0]][:2]:
                building.smoke(unit, True)
            def told():
                return any(alarm["rule"] == "confirmed" and alarm["state"] != "closed" for alarm in rig.all_alarms())
            wait_for(f"a fire is told after {harm.__name__}", told, 30, 0.1)
            lost = [alarm for alarm in rig.tocsin("alarms")[1]["items"] if alarm["rule"] == "records-lost"]
            if harm is zero_header:
                assert lost, "a destroyed database was replaced without a word"
            verdict.alarms += 1
            say(f"{harm.__name__}: ready in {took:.2f} s, {'loss reported' if lost else 'nothing was lost'}")
    return verdict


def older_copy(options, seed):
    """T21: the database is replaced by an older copy of itself: the cloud calls a human."""
    with Stand(options, seed) as stand:
        rig = stand.rig
        stand.start()
        rig.processes["gateway"].kill()
        shutil.copytree(rig.dir / "gateway", rig.dir / "older")
        stand.restart_gateway()
        stand.churn(5)
        wait_for("the cloud has acknowledged", lambda: stand.waiting("alarm") == 0, 30, 0.1)
        rig.processes["gateway"].kill()
        shutil.rmtree(rig.dir / "gateway")
        shutil.copytree(rig.dir / "older", rig.dir / "gateway")
        stand.restart_gateway()
        def flagged():
            return any(one["gateway"] == GATEWAY and one["identity_conflict"] for one in rig.api("/api/v1/gateways")["items"])
        wait_for("the gateway is marked", flagged, 60, 0.2)
        return Verdict(alarms=1)


def newer_schema(options, seed):
    """T48: a database of a newer program is refused and left alone; put back, it goes on where it was."""
    with Stand(options, seed) as stand:
        rig = stand.rig
        stand.start()
        stand.churn(options.seconds(5))
        rig.processes["field"].kill()  # unacknowledged rows
        stand.churn(options.seconds(3))
        rig.processes["gateway"].kill()
        database = rig.dir / "gateway/alarm.db"
        version = set_version(database, 99)
        before = hashlib.sha256(database.read_bytes()).hexdigest()
        rig.start_gateway()
        wait_for("the gateway refuses", lambda: not rig.processes["gateway"].alive(), 10)
        assert "newer program" in log_of(rig, "gateway"), "it does not say why"
        assert hashlib.sha256(database.read_bytes()).hexdigest() == before, "the refused database was changed"
        set_version(database, version)
        stand.restart_gateway()
        rig.start_broker("field")
        return stand.verdict()


def set_version(database, version):
    connection = sqlite3.connect(database)
    try:
        before = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.execute(f"PRAGMA user_version={version}")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return before
    finally:
        connection.close()
