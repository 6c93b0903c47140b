#!/usr/bin/env python3
"""`tocsin ledger` proves that both ends agree, and `tocsin buffer` shows what waits while the cloud is away.

usage: ledger_test.py --bin DIR [--seed S]
"""
import time

from panel import SmokeBuilding
from rig import wait_for
from scenario import main, say


def compare(rig):
    """(exit code, answer) of the ledger against the cloud."""
    token = rig.dir / "token"
    token.write_text(rig.token + "\n")
    return rig.tocsin("ledger", "--cloud", f"http://127.0.0.1:{rig.ports['api']}/", "--token-file", str(token))


def lanes_of(answer):
    return {lane["lane"]: lane for lane in answer["lanes"]}


def scenario(rig, _):
    building = SmokeBuilding(zones=1, each=3)
    try:
        rig.start(building.config(rig.ports["field"]))
        building.smoke(1, True)
        building.smoke(2, True)
        wait_for("every alarm is acknowledged", lambda: lanes_of(rig.tocsin("ledger")[1])["alarm"]["acked"] >= 3, 20, 0.1)
        code, answer = compare(rig)
        assert code == 0 and answer["agree"] and answer["compared"] and not answer["gaps"], answer
        alarm = lanes_of(answer)["alarm"]
        assert alarm["complete_up_to"] == alarm["accepted"] >= 3, alarm
        say(f"both ends agree: {alarm}")

        rig.processes["field"].kill()
        building.clear("1F")
        building.smoke(3, True)
        time.sleep(3)
        _, buffer = rig.tocsin("buffer")
        waiting = lanes_of(buffer["alarm.db"])["alarm"]
        assert waiting["waiting"] > 0 and 0.5 < waiting["oldest_s"] < 60, waiting
        for file in ("alarm.db", "data.db"):
            usage = buffer[file]
            assert 0 < usage["used"] <= usage["quota"] and usage["bytes_written_per_day"] > 0, usage
        code, answer = compare(rig)  # what waits is no disagreement
        assert code == 0 and lanes_of(answer)["alarm"]["complete_up_to"] < lanes_of(answer)["alarm"]["accepted"], answer
        code, answer = rig.tocsin("ledger", "--cloud", "http://127.0.0.1:1", "--token-file", str(rig.dir / "token"))
        assert code == 1 and "127.0.0.1:1" in answer["error"], answer
        (rig.dir / "token").write_text("wrong\n")
        code, answer = rig.tocsin("ledger", "--cloud", f"http://127.0.0.1:{rig.ports['api']}", "--token-file", str(rig.dir / "token"))
        assert code == 1 and "401" in answer["error"], answer
    finally:
        building.panel.stop()
    return f"ledger and buffer tell the truth: {waiting['waiting']} alarm records waited for {waiting['oldest_s']:.1f} s"


if __name__ == "__main__":
    main(scenario)
