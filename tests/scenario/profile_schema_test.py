#!/usr/bin/env python3
"""Every device profile fits docs/schemas/profile.schema.json, and the schema refuses what the loader refuses."""
import copy
import json
import pathlib
import sys
import tomllib

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROFILES = ROOT / "drivers/profiles"

SMALLEST = {
    "label": "One value", "protocol": "modbus", "source": "none: a test",
    "point": [{"name": "value", "from": {"table": "holding", "address": 0}, "life_safety": True}],
    "rule": [{"point": "value", "name": "r", "class": "gas", "levels": [{"stage": "a1", "above": 1}]}],
}


def edited(*path_and_value):
    *path, key, value = path_and_value
    profile = copy.deepcopy(SMALLEST)
    place = profile
    for step in path:
        place = place[step]
    place[key] = value
    return profile


WRONG = {
    "unknown key": edited("labels", "x"),
    "unknown protocol": edited("protocol", "profibus"),
    "no source": edited("source", ""),
    "scale 0": edited("point", 0, "scale", 0),
    "address beyond the last": edited("point", 0, "from", "address", 65536),
    "keys of another protocol": edited("protocol", "mbus"),
    "duration without a unit": edited("point", 0, "period", "5"),
    "two conditions": edited("rule", 0, "levels", [{"above": 1, "below": 2}]),
    "no condition": edited("rule", 0, "levels", [{"stage": "a1"}]),
    "delayed life safety": edited("rule", 0, "on_delay", "1s"),
    "fire confirmed by one detector": edited("rule", 0, {**SMALLEST["rule"][0], "class": "fire", "levels": [{"stage": "confirmed", "any_bit": 1}]}),
    "latch_from without latch": edited("rule", 0, "latch_from", "a2"),
}


def main():
    schema = json.loads((ROOT / "docs/schemas/profile.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    failures = []
    profiles = sorted(PROFILES.glob("*/*.toml"))
    for path in profiles:
        for error in validator.iter_errors(tomllib.loads(path.read_text())):
            failures.append(f"{path.relative_to(ROOT)}: {error.json_path}: {error.message}")
    if not validator.is_valid(SMALLEST):
        failures.append("the smallest profile is refused")
    failures += [f"accepted: {what}" for what, profile in WRONG.items() if validator.is_valid(profile)]
    print(*failures, sep="\n")
    print(f"{len(profiles)} profiles fit the schema, {len(WRONG)} wrong ones are refused" if not failures else "FAILED")
    return 1 if failures or len(profiles) < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
