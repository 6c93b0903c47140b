#!/usr/bin/env python3
"""Runs every fuzz target for a while, two at a time, and closes with "N targets, N crashes".

usage: run.py --bin DIR --work DIR [--seconds N] [--only NAME] [--jobs N]

The inputs in tests/fuzz/corpus/NAME are the start; what a run finds stays in the work folder. An input that breaks a
target is printed with the command that repeats it: fix the parser, then add the input to the corpus.
"""
import argparse
import concurrent.futures
import pathlib
import re
import subprocess
import sys

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
LIMITS = [
    "-max_len=4096",  # no honest message of any field protocol is longer
    "-rss_limit_mb=1024",
    "-timeout=10",  # seconds for one input: more is a lock-up
    "-print_final_stats=1",
    "-verbosity=1",
]
# MiB in one allocation: a length from outside is bounded before memory is asked for. protobuf reserves, but never
# touches, 50 MB for a text inside a nested message whose lengths lie.
LARGEST_ALLOCATION = {"wire": 64, "config": 16, "request": 16}
FIELD_PROTOCOL = 1


def fuzz(program, options):
    """(name, crashed, one line of numbers, output)"""
    name = program.name.removeprefix("fuzz-")
    found, broken = options.work / name / "corpus", options.work / name / "broken"
    for folder in (found, broken):
        folder.mkdir(parents=True, exist_ok=True)
    command = [str(program), *LIMITS, f"-malloc_limit_mb={LARGEST_ALLOCATION.get(name, FIELD_PROTOCOL)}",
               f"-max_total_time={options.seconds}", f"-artifact_prefix={broken}/", str(found), str(CORPUS / name)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=options.seconds + 120)
    except subprocess.TimeoutExpired:
        return name, True, "did not end", ""
    runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    covered = re.findall(r"cov: (\d+)", done.stderr)
    numbers = f"{int(runs[1]) if runs else 0:,} runs, {covered[-1] if covered else '0'} edges"
    return name, done.returncode != 0, numbers, done.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of the fuzz-* programs")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="where found inputs are kept")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (60)")
    parser.add_argument("--only", default="", help="only targets whose name contains this")
    parser.add_argument("--jobs", type=int, default=2, help="targets at a time (2)")
    options = parser.parse_args()
    programs = sorted(p for p in options.bin.glob("fuzz-*") if options.only in p.name)
    if not programs:
        print(f"no target is called {options.only!r}", file=sys.stderr)
        return 2
    crashes = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name, crashed, numbers, output in pool.map(lambda p: fuzz(p, options), programs):
            print(f"  {'CRASH' if crashed else 'ok   '} {name}: {numbers}", flush=True)
            if not crashed:
                continue
            crashes += 1
            print(output[-4000:])
            for saved in sorted((options.work / name / "broken").iterdir()):
                print(f"  repeat: {options.bin}/fuzz-{name} {saved}")
    print(f"{len(programs)} targets, {crashes} crashes")
    return 1 if crashes else 0


if __name__ == "__main__":
    sys.exit(main())
