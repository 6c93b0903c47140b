#!/usr/bin/env python3
"""Holds the direction table: which folder includes which (allowed.toml). usage: layers_test.py [ROOT]"""
import pathlib
import re
import sys
import tomllib

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
PURE_REFUSED = {"thread", "mutex", "iostream", "condition_variable", "shared_mutex"}
STANDARD = re.compile(r"^[a-z0-9_]+$|^c[a-z]+$")
SYSTEM = re.compile(r"^(sys|netinet|arpa|linux)/|^(unistd|fcntl|poll|pwd|termios|pthread|dirent|netdb|signal|grp|pty)\.h$")


def folder_of(path, table):
    """The longest folder of the table that holds this file."""
    best = ""
    for folder in table:
        if path.startswith(folder + "/") and len(folder) > len(best):
            best = folder
    return best


def check_file(path, text, folder, rules):
    """One line per include or call that the table does not allow."""
    libraries = tuple(rules.get("libraries", []))
    allowed = tuple(rules["folders"]) + (folder,)
    for kind, name in INCLUDE.findall(text):
        if kind == '"':
            if not any(name == one or name.startswith(one.rstrip("/") + "/") for one in allowed) and not name.startswith(libraries or ("\0",)):
                yield f"{path}: includes {name}, which {folder} may not"
        elif name.startswith(libraries or ("\0",)) or (name.startswith("boost/system/") or name == "boost/core/span.hpp"):
            continue
        elif STANDARD.match(name):
            if rules.get("pure") and name in PURE_REFUSED:
                yield f"{path}: a pure folder includes <{name}>"
        elif SYSTEM.match(name):
            if rules.get("pure"):
                yield f"{path}: a pure folder includes <{name}>"
        else:
            yield f"{path}: includes <{name}>, which {folder} may not"
    if rules.get("pure") and "::now(" in text:
        yield f"{path}: a pure folder reads a clock (::now()"


def check(root):
    table = tomllib.loads((root / "tests/layers/allowed.toml").read_text())["folder"]
    problems, files = [], 0
    for top in ("core", "drivers", "sync", "gateway", "cloud", "simulators"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in (".h", ".cpp"):
                continue
            name = str(path.relative_to(root))
            folder = folder_of(name, table)
            files += 1
            if not folder:
                problems.append(f"{name}: its folder is not in allowed.toml")
            else:
                problems += check_file(name, path.read_text(), folder, table[folder])
    return problems, files


def self_test():
    """The check must see what it is there to see."""
    table = {"core/alarm": {"pure": True, "folders": ["core/value"]}, "sync/wire": {"folders": ["core"]}}
    planted = [("core/alarm/x.cpp", "#include <sqlite3.h>\n"), ("sync/wire/x.cpp", '#include "drivers/modbus/y.h"\n'),
               ("core/alarm/x.cpp", "#include <thread>\n"), ("core/alarm/x.cpp", "auto t = std::chrono::steady_clock::now();\n")]
    for path, text in planted:
        folder = folder_of(path, table)
        if not list(check_file(path, text, folder, table[folder])):
            return f"the check does not see: {text.strip()} in {path}"
    return None


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2])
    blind = self_test()
    problems, files = check(root)
    for line in problems + ([blind] if blind else []):
        print(line)
    print(f"layers: {files} files, {len(problems)} not allowed")
    return 1 if problems or blind or not files else 0


if __name__ == "__main__":
    sys.exit(main())
