#!/usr/bin/env python3
"""`tocsin linkage show` and `test`: the tables, the coverage, and the exit codes for good, failing and unusable files."""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests/golden/linkage"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    options, _ = parser.parse_known_args()

    def tocsin(*arguments):
        command = [options.bin / "tocsin", "--json", "linkage", *arguments, "--config", GOLDEN / "buildings/apartment.toml",
                   "--profiles", ROOT / "drivers/profiles"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        return done.returncode, json.loads(done.stdout) if done.stdout else None

    code, shown = tocsin("show")
    assert code == 0 and len(shown["rows"]) == 11 and len(shown["effects"]) == 14, shown
    assert shown["rows"][0]["when"] == "confirmed fire in 3F"

    code, tested = tocsin("test")
    assert code == 0 and tested["ok"] and all(row["ok"] for row in tested["rows"]), tested

    good = GOLDEN / "28-fire-in-two-zones.toml"
    code, tested = tocsin("test", "--scenario", str(good))
    assert code == 0 and tested["scenarios"][0]["ok"], tested
    assert tested["coverage"]["zones"].startswith("2 of 5"), tested["coverage"]

    with tempfile.TemporaryDirectory() as folder:
        wrong = pathlib.Path(folder, "wrong.toml")
        wrong.write_text(good.read_text().replace('stair-door-2f = "locked"', 'stair-door-2f = "open"', 1))
        code, tested = tocsin("test", "--scenario", str(wrong))
        assert code == 1 and not tested["ok"], tested
        assert tested["scenarios"][0]["failures"] == ["00:10: stair-door-2f is locked, expected open"], tested
        wrong.write_text("at = 1\n")
        assert tocsin("test", "--scenario", str(wrong))[0] == 2
    assert tocsin("test", "--scenario", str(GOLDEN / "nothing.toml"))[0] == 2
    print("linkage show and test: 7 calls as expected")


if __name__ == "__main__":
    sys.exit(main())
