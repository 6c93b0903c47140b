#!/usr/bin/env python3
"""Runs every test and closes with the counts: layers, unit programs, simulation, then scenarios with real processes.

usage: run_tests.py --build DIR --release DIR [--only NAME] [--kills N] [--seed S]
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCTEST = re.compile(r"test cases:\s*(\d+)\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed")


class Counts:
    def __init__(self):
        self.passed = self.failed = 0
        self.problems = []

    def add(self, name, passed, failed, output):
        self.passed += passed
        self.failed += failed
        if failed:
            self.problems.append((name, output))


def run(command, seconds, environment):
    """(exit code, output); a test that does not end is a failure."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=seconds, env=environment)
        return done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired as late:
        return 124, f"{late.stdout or ''}\nno end within {seconds} s"


def run_doctest(program, counts, environment):
    start = time.monotonic()
    code, output = run([str(program)], 600, environment)
    found = DOCTEST.search(output)
    passed, failed = (int(found[2]), int(found[3])) if found else (0, 1)
    if code != 0 and failed == 0:
        failed = 1
    counts.add(program.name, passed, failed, output)
    print(f"  {'ok  ' if not failed else 'FAIL'} {program.name}: {passed} passed, {failed} failed ({time.monotonic() - start:.1f} s)", flush=True)


def run_one(name, command, seconds, counts, environment):
    start = time.monotonic()
    code, output = run(command, seconds, environment)
    failed = 0 if code == 0 else 1
    counts.add(name, 1 - failed, failed, output)
    last = output.strip().splitlines()[-1] if output.strip() else ""
    print(f"  {'ok  ' if not failed else 'FAIL'} {name}: {last} ({time.monotonic() - start:.1f} s)", flush=True)


def plan(options):
    """(name, command, seconds) of everything that is no doctest program."""
    python = "/usr/bin/python3"
    release = str(options.release / "bin")
    yield "layers", [python, str(ROOT / "tests/layers/layers_test.py"), str(ROOT)], 60
    simulation = options.release / "bin/tocsin-simulation"
    if simulation.exists():
        yield "simulation", [str(simulation), "--seeds", str(options.seeds), "--seed", str(options.seed)], 900
    noise = options.release / "bin/tocsin-noise"
    if noise.exists():
        yield "noise", [str(noise), "--polls", str(options.polls), "--seed", str(options.seed)], 600
    for script in sorted((ROOT / "tests/scenario").glob("*_test.py")):
        yield script.stem, [python, str(script), "--bin", release, "--kills", str(options.kills), "--seed", str(options.seed)], 900


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--release", type=pathlib.Path, required=True)
    parser.add_argument("--only", help="only tests whose name contains this")
    parser.add_argument("--kills", type=int, default=20, help="kills of each process in the kill scenario")
    parser.add_argument("--seeds", type=int, default=20000, help="seeds of the simulation")
    parser.add_argument("--polls", type=int, default=1_000_000, help="polls on a noisy line")
    parser.add_argument("--seed", type=int, default=1, help="first seed")
    options = parser.parse_args()
    options.build, options.release = options.build.resolve(), options.release.resolve()
    environment = {**os.environ, "TOCSIN_SOURCE": str(ROOT), "TOCSIN_BIN": str(options.release / "bin"),
                   "PYTHONPATH": str(ROOT / "simulators/demo")}
    counts = Counts()
    for program in sorted([*(options.build / "bin").glob("*_test"), *(options.build / "bin").glob("test_*")]):
        if not options.only or options.only in program.name:
            run_doctest(program, counts, environment)
    for name, command, seconds in plan(options):
        if not options.only or options.only in name:
            run_one(name, command, seconds, counts, environment)
    for name, output in counts.problems:
        print(f"\n---- {name} ----\n{output[-6000:]}")
    print(f"\n{counts.passed} passed, {counts.failed} failed")
    return 1 if counts.failed or not counts.passed else 0


if __name__ == "__main__":
    sys.exit(main())
