"""T8, T9, T10, T16, T23, T41: what the way between gateway and cloud can do."""
import signal
import time

from stand import METER_READINGS, Stand, alive, say, wait_for

DETECT_LIMIT_S = 15 + 5  # the broker is judged silent after 15 s (design section 7); 5 s for this machine


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def broker_away(options, seed):
    """T8: the broker is away for --minutes, at about 1 alarm/s and 200 readings/s: all arrives, in order, alarms first."""
    with Stand(options, seed, zones=8, detectors=10, meters=22) as stand:
        stand.start()
        wait_for("telemetry flows", lambda: stand.waiting("data") < 1000, 20, 0.2)
        stand.rig.processes["field"].kill()
        before = stand.rig.status()["lanes"]
        stand.churn(options.minutes * 60, pause=(0.3, 0.6))
        after = stand.rig.status()["lanes"]
        grown = {one["lane"]: one["head"] - before[i]["head"] for i, one in enumerate(after)}
        stand.rig.start_broker("field")
        stand.rig.wait_connected(60)
        stand.churn(5, pause=(0.3, 0.6))
        wait_for("the data lane is drained", lambda: stand.waiting("data") < 20, 120, 0.2)
        verdict = stand.verdict()
        stand.check_order()
        head = stand.cloud_rows("SELECT count(*), max(seq) FROM record WHERE lane=3")[0]
        assert head[0] == head[1], f"data records are missing: {head[1] - head[0]}"
        say(f"{options.minutes:g} min without broker: {grown['alarm']} alarm records, {grown['data']} data records "
            f"(about {stand.meters * METER_READINGS} readings/s), all there, in order")
        return verdict


def denied_by_acl(options, seed):
    """T9: an access list that denies the uplink is noticed within 30 s, and nothing is lost once it is mended."""
    with Stand(options, seed) as stand:
        rig = stand.rig
        stand.start()
        conf = rig.dir / "field.conf"
        good = conf.read_text()
        rig.processes["field"].kill()
        acl = rig.dir / "field.acl"
        acl.write_text("topic read #\n")
        conf.write_text(good + f"acl_file {acl}\n")
        rig.run("field", ["/usr/sbin/mosquitto", "-c", conf])
        start = time.monotonic()
        def noticed():
            stand.burst.step()
            return "access list" in (rig.status().get("uplink", {}).get("last_problem") or "")
        wait_for("the denial is named", noticed, 30, 0.2)
        say(f"named after {time.monotonic() - start:.1f} s: {rig.status()['uplink']['last_problem']}")
        rig.processes["field"].kill()
        rig.start_broker("field")
        return stand.verdict()


def bad_network(options, seed):
    """T10: every acknowledgement dropped, every PUBLISH three times, packets reordered, links cut."""
    with Stand(options, seed) as stand:
        stand.start()
        faults = stand.proxy.faults
        faults.copies, faults.reorder, faults.delay_s = 3, 0.2, 0.005
        stand.churn(options.seconds(10))
        faults.drop_app_acks = True
        stand.churn(options.seconds(20))
        faults.drop_app_acks = False
        for _ in range(5):
            stand.churn(options.seconds(1))
            stand.proxy.cut()
        return stand.verdict()


def black_hole(options, seed):
    """T16: a link that swallows everything, then a broker that stands still: noticed, and nothing lost."""
    with Stand(options, seed) as stand:
        stand.start()
        def noticed_after(what):
            start = time.monotonic()
            def away():
                stand.burst.step()
                return not stand.rig.status().get("uplink", {}).get("connected", True)
            wait_for(f"{what} is noticed", away, DETECT_LIMIT_S, 0.1)
            return time.monotonic() - start
        stand.proxy.faults.half_open = True
        hole = noticed_after("the black hole")
        stand.proxy.cut()
        stand.proxy.heal()
        stand.rig.wait_connected(60)
        broker = stand.rig.processes["field"].child
        broker.send_signal(signal.SIGSTOP)
        still = noticed_after("the broker that stands still")
        broker.send_signal(signal.SIGCONT)
        say(f"black hole noticed after {hole:.1f} s, stopped broker after {still:.1f} s")
        return stand.verdict()


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def slow_link(options, seed):
    """T23: a flood of alarms and telemetry over 64 kbit/s: memory is bounded, alarms overtake readings."""
    with Stand(options, seed, zones=8, detectors=10, meters=22, period="200ms") as stand:
        stand.start()
        stand.proxy.faults.bytes_per_second = 8000
        stand.churn(options.seconds(30), pause=(0.002, 0.02))
        memory = resident_kib(stand.rig.processes["gateway"].child.pid)
        waiting = {one["lane"]: one["waiting"] for one in stand.rig.status()["lanes"]}
        say(f"on 64 kbit/s: {memory / 1024:.1f} MiB resident, waiting {waiting}")
        assert memory < 64 * 1024, f"the gateway grew to {memory} KiB"
        verdict = stand.verdict()
        stand.check_order()
        return verdict


def slow_cloud(options, seed):
    """T41: a cloud that stands still again and again, slower than its input: healed by sending again."""
    with Stand(options, seed, meters=22) as stand:
        stand.start()
        cloud = stand.rig.processes["cloud"].child
        for _ in range(max(2, int(options.seconds(6)))):
            cloud.send_signal(signal.SIGSTOP)
            stand.churn(2.0, pause=(0.002, 0.02))
            cloud.send_signal(signal.SIGCONT)
            stand.churn(0.3)
        alive(stand.rig, "cloud")
        return stand.verdict()
