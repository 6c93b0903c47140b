#!/usr/bin/env python3
"""Every header compiles alone: whoever includes it needs to include nothing before it.

usage: headers_check.py SOURCE BUILD [--jobs N]    BUILD: a configured build folder, for the generated headers
"""
import argparse
import concurrent.futures
import pathlib
import subprocess
import sys


def includes_of(build):
    """The folders that the project's own sources are compiled with."""
    text = (build / "build.ninja").read_text()
    return sorted({word for line in text.splitlines() if line.startswith("  INCLUDES = ") for word in line.split()[2:]
                   if word.startswith(("-I", "/")) or word == "-isystem"} - {"-isystem"})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=pathlib.Path)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    listed = subprocess.run(["git", "ls-files", "*.h"], cwd=options.source, check=True, capture_output=True, text=True)
    headers = listed.stdout.split()
    flags = [word if word.startswith("-I") else f"-I{word}" for word in includes_of(options.build)]
    def compile_alone(header):
        # Through a file that only includes it: the compiler warns of `#pragma once` in a main file.
        done = subprocess.run(["g++", "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", *flags, "-x", "c++", "-"], input=f'#include "{header}"\n',
                              cwd=options.source, capture_output=True, text=True, check=False)
        return header, done.stderr if done.returncode else ""
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for header, problem in pool.map(compile_alone, headers):
            if problem:
                bad += 1
                print(f"{header} does not compile alone:\n{problem[:800]}")
    print(f"headers: {len(headers)} files, {bad} do not compile alone")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
