#!/usr/bin/env python3
"""A short torture: a bad network, EIO from the disk, jumps of the wall clock. `./dev torture` is the long one.

usage: torture_test.py --bin DIR [--seed S]
"""
import argparse
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/torture"))

import torture  # noqa: E402

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, help="folder of the programs")
    parser.add_argument("--kills", help="not used here")
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    sys.exit(torture.main(["--bin", options.bin, "--seed", options.seed, "--quick", "--only", "network,eio,clock"]))
