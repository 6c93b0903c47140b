#!/usr/bin/env python3
"""Real processes under torture; the oracle compares both ends record by record. See facts of each test with --list.

usage: torture.py --bin DIR [--kills N] [--seed S] [--minutes M] [--only NAME[,NAME]] [--quick] [--list]

The last line says: N kills, N lost, N duplicated. No failure in n kills bounds the chance per kill by 3/n (95 %).
"""
import argparse
import pathlib
import signal
import sys
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / folder) for folder in ("tests/torture", "tests/scenario", "simulators/demo")]

import content_tests  # noqa: E402
import disk_tests  # noqa: E402
import kill_tests  # noqa: E402
import load_tests  # noqa: E402
import network_tests  # noqa: E402
import time_tests  # noqa: E402
from stand import Verdict, say  # noqa: E402

TESTS = {
    "kills": kill_tests.kills, "off": kill_tests.alarm_while_off,
    "away": network_tests.broker_away, "acl": network_tests.denied_by_acl, "network": network_tests.bad_network,
    "hole": network_tests.black_hole, "slow-link": network_tests.slow_link, "slow-cloud": network_tests.slow_cloud,
    "power": disk_tests.power_cut, "full": disk_tests.disk_full, "eio": disk_tests.io_errors,
    "restored": disk_tests.restored_cloud, "damage": disk_tests.damage, "older": disk_tests.older_copy,
    "schema": disk_tests.newer_schema, "clock": time_tests.clock_jumps,
    "malformed": content_tests.malformed, "poison": content_tests.poison_alarm,
    "clash": content_tests.same_id_other_body, "clone": content_tests.cloned_disk,
    "backlog": load_tests.backlog, "overload": load_tests.overload,
}
LONG = {"backlog", "overload"}  # only when named


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of the programs")
    parser.add_argument("--shim", type=pathlib.Path, default=None, help="tocsin_torture_shim.so (default: ../lib beside --bin)")
    parser.add_argument("--unit", type=pathlib.Path, default=ROOT / "build/dev/bin", help="folder of the unit test programs")
    parser.add_argument("--kills", type=int, default=60, help="kill -9 in T1-T4")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1.0, help="how long the broker is away (T8), and how long overload lasts")
    parser.add_argument("--readings", type=int, default=1_000_000, help="backlog of the backlog test")
    parser.add_argument("--only", default="", help="names of tests, comma separated")
    parser.add_argument("--quick", action="store_true", help="a fifth of each test's length")
    parser.add_argument("--list", action="store_true", help="show the tests and run none")
    options = parser.parse_args(arguments)
    options.shim = (options.shim or options.bin.parent / "lib/tocsin_torture_shim.so").resolve()
    options.seconds = lambda full: full / 5 if options.quick else full
    return options


def run(name, test, options, total):
    """True when the test held."""
    print(f"{test.__doc__}", flush=True)
    start = time.monotonic()
    try:
        verdict = test(options, options.seed)
    except Exception:  # any failure of a test is reported alike
        traceback.print_exc(file=sys.stdout)
        print(f"  FAILED {name}, seed {options.seed}", flush=True)
        return False
    if verdict is None:
        return True
    total.add(verdict)
    say(f"{verdict.alarms} alarms, {verdict.lost} lost, {verdict.duplicated} duplicated, seed {options.seed} ({time.monotonic() - start:.0f} s)")
    return verdict.lost == 0 and verdict.duplicated == 0


def main(arguments=None):
    options = parse(arguments)
    wanted = [name for name in options.only.split(",") if name] or [name for name in TESTS if name not in LONG]
    if unknown := set(wanted) - TESTS.keys():
        sys.exit(f"no such test: {', '.join(sorted(unknown))}; --list shows them")
    if options.list:
        for name, test in TESTS.items():
            print(f"{name:11} {test.__doc__}")
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    total, failed = Verdict(), []
    for name in wanted:
        if not run(name, TESTS[name], options, total):
            failed.append(name)
    print(f"{len(wanted) - len(failed)} of {len(wanted)} tests held{'; failed: ' + ', '.join(failed) if failed else ''}; seed {options.seed}; {total.alarms} alarms")
    if total.kills:
        print(f"no loss in {total.kills} kills bounds the chance of one to 3/{total.kills} = {3 / total.kills:.2%} per kill (95 %); never 100 %")
    print(f"{total.kills} kills, {total.lost} lost, {total.duplicated} duplicated")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
