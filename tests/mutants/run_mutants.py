#!/usr/bin/env python3
"""Plants one-line bugs, one at a time, and sees that the check named beside each catches it.

A mutant is a patch in this folder. Its head says what it breaks and which test program (with arguments) must fail:
    Breaks: the cloud acknowledges records that it has not committed (I6)
    Check: session_test

usage: run_mutants.py [--only NAME] [--list]    works on a copy in build/mutants; the tree itself is never patched
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = ROOT / "build/mutants"
BUILD = COPY / "build/dev"
CHECK_LIMIT_S = 120  # a check that hangs has caught its mutant


class Mutant:
    def __init__(self, file):
        text = file.read_text()
        self.name, self.file = file.stem, file
        self.breaks = re.search(r"^Breaks: (.+)$", text, re.MULTILINE)[1]
        self.check = re.search(r"^Check: (.+)$", text, re.MULTILINE)[1].split()
        self.touched = re.findall(r"^\+\+\+ b/(.+)$", text, re.MULTILINE)


def refresh_copy():
    """The tree as it is, uncommitted changes included; a file that did not change keeps its time, so that little is rebuilt."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True)
    wanted = {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}
    for name in wanted:
        source, target = ROOT / name, COPY / name
        if target.is_file() and target.read_bytes() == source.read_bytes():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    for file in COPY.rglob("*"):
        name = file.relative_to(COPY)
        if name.parts[0] != "build" and file.is_file() and str(name) not in wanted:
            file.unlink()


def run(command, seconds=1800):
    """(exit code, output); 124 when it did not end."""
    environment = {**os.environ, "TOCSIN_SOURCE": str(COPY), "TOCSIN_BIN": str(BUILD / "bin"),
                   "GIT_CEILING_DIRECTORIES": str(COPY.parent)}  # the copy is no part of the repository around it
    try:
        done = subprocess.run(command, cwd=COPY, capture_output=True, text=True, errors="replace", timeout=seconds, env=environment)
        return done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        return 124, f"no end within {seconds} s"


def build(targets):
    return run(["ninja", "-C", BUILD, *sorted(targets)])


def prove_unpatched(mutants):
    """Every check passes without a mutant; else its failing would prove nothing."""
    checks = sorted({tuple(mutant.check) for mutant in mutants})
    code, output = build({check[0] for check in checks})
    if code != 0:
        sys.exit(f"the tree does not build:\n{output[-3000:]}")
    for check in checks:
        code, output = run([BUILD / "bin" / check[0], *check[1:]], CHECK_LIMIT_S)
        if code != 0:
            sys.exit(f"{' '.join(check)} fails without any mutant:\n{output[-3000:]}")
    print(f"  {len(checks)} checks pass without a mutant", flush=True)


def verdict(mutant):
    """'caught', or what is wrong with the mutant or its check."""
    code, output = run(["git", "apply", "--recount", "-C1", mutant.file])
    if code != 0:
        return f"does not apply any more, renew the patch: {output.strip()}"
    try:
        code, output = build([mutant.check[0]])
        if code != 0:
            return f"does not build: {output[-600:]}"
        code, _ = run([BUILD / "bin" / mutant.check[0], *mutant.check[1:]], CHECK_LIMIT_S)
        return "caught" if code != 0 else f"SURVIVES {' '.join(mutant.check)}"
    finally:
        for name in mutant.touched:
            shutil.copy(ROOT / name, COPY / name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="mutants whose name contains this")
    parser.add_argument("--list", action="store_true", help="show the mutants and run none")
    options = parser.parse_args()
    mutants = [Mutant(file) for file in sorted(pathlib.Path(__file__).parent.glob("*.patch")) if options.only in file.stem]
    if options.list:
        for mutant in mutants:
            print(f"{mutant.name:24} {' '.join(mutant.check):24} {mutant.breaks}")
        return 0
    if not mutants:
        sys.exit(f"no mutant's name contains '{options.only}'")
    refresh_copy()
    if not (BUILD / "build.ninja").exists():
        code, output = run(["cmake", "--preset", "dev"])
        if code != 0:
            sys.exit(f"configure failed:\n{output[-3000:]}")
    prove_unpatched(mutants)
    caught = 0
    for mutant in sorted(mutants, key=lambda one: one.check):
        start = time.monotonic()
        found = verdict(mutant)
        caught += found == "caught"
        print(f"  {mutant.name:24} {found} ({time.monotonic() - start:.0f} s)", flush=True)
    print(f"{len(mutants)} mutants, {caught} caught")
    return 0 if caught == len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
