"""T1 to T4: kill -9 of gateway, cloud and field broker, in random order and at random moments of a burst."""
import time

from stand import Stand, say, wait_for

READY_LIMIT_S = 3.0
VICTIMS = ("gateway", "cloud", "field")


def kills(options, seed):
    """T1-T4: kill -9 of gateway, cloud and field broker in a burst of alarms."""
    with Stand(options, seed, zones=8, detectors=10) as stand:
        stand.start()
        slowest = {"gateway": 0.0, "cloud": 0.0}
        count = {victim: 0 for victim in VICTIMS}
        for number in range(1, options.kills + 1):
            stand.churn(stand.random.uniform(0.1, 1.0))
            assert not stand.store_failing(), "the gateway stores nothing any more"
            victim = stand.random.choice(VICTIMS)
            count[victim] += 1
            stand.rig.processes[victim].kill()
            time.sleep(stand.random.choice([0, 0, 0.1, 0.6]))
            if victim == "field":
                stand.rig.start_broker("field")
            else:
                took = stand.restart_gateway() if victim == "gateway" else stand.restart_cloud()
                slowest[victim] = max(slowest[victim], took)
            if number % 50 == 0:
                say(f"{number} of {options.kills} kills")
        verdict = stand.verdict()
        stand.check_order()
        say(f"kills: {', '.join(f'{victim} {n}' for victim, n in count.items())}; "
            f"slowest start to ready: gateway {slowest['gateway']:.2f} s, cloud {slowest['cloud']:.2f} s")
        assert max(slowest.values()) < READY_LIMIT_S, f"a restart took longer than {READY_LIMIT_S} s"
        verdict.kills = options.kills
        return verdict


def alarm_while_off(options, seed):
    """T22: what begins to burn while the gateway is off is told within 10 s of its start, as inferred."""
    with Stand(options, seed) as stand:
        stand.start()
        zone = stand.building.zones[0]
        wait_for("every device answers", lambda: stand.rig.status().get("lost") == [], 20, 0.1)
        stand.rig.processes["gateway"].kill()
        for unit in stand.building.units[zone][:2]:
            stand.building.smoke(unit, True)
        time.sleep(1)
        start = time.monotonic()
        stand.restart_gateway()
        def told():
            return [alarm for alarm in stand.rig.tocsin("alarms")[1].get("items", []) if alarm["rule"] == "confirmed"]
        wait_for("the fire that began meanwhile is confirmed", told, 10, 0.05)
        say(f"told {time.monotonic() - start:.1f} s after the start")
        return stand.verdict()
