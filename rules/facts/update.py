#!/usr/bin/env python3
"""Brings the facts that come from published packages up to date; README.md beside it says which.

    python3 rules/facts/update.py                  read every release that is not recorded yet
    python3 rules/facts/update.py amazon==9.39.0   read these releases again
    python3 rules/facts/update.py --all            read every release again (about 500 wheels)
    python3 rules/facts/update.py --looked-at amazon==9.40.0

pip fetches the wheels, from whatever index it is set up for; nothing of them is run. Review the
diff, and what is printed as "to look at": behaviour and reasons are for people to read. A backend's
`examined` stays where it is once its source changes, until somebody has compared the facts with the
new source and says so with `--looked-at`.
"""

import argparse
import ast
import datetime
import difflib
import json
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
from published import Code, Index, order  # noqa: E402

FACTS = Path(__file__).parent
AIRFLOW = "apache-airflow"
# How much fits on a line of the data files.
WIDTH = 150

to_look_at = []


def main():
    arguments = parse_arguments()
    files = {
        name: json.loads((FACTS / f"{name}.json").read_text())
        for name in ("releases", "sources", "backends")
    }
    releases = files["releases"]
    packages = [Package(row, files) for row in [releases["airflow"], *releases["providers"]]]
    names = {name for package in packages for name in package.names}
    for name, _ in arguments.releases + arguments.looked_at:
        if name not in names:
            sys.exit(f"releases.json has no package {name}")
    before = json.dumps(releases)
    with tempfile.TemporaryDirectory() as directory:
        index = Index(Path(arguments.wheels or directory))
        for package in packages:
            update(package, index, arguments)
    if json.dumps(releases) != before:
        releases["extracted"] = datetime.date.today().isoformat()
    for name, data in files.items():
        (FACTS / f"{name}.json").write_text(layout(data) + "\n")
    for line in to_look_at:
        print(f"to look at: {line}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("releases", nargs="*", metavar="PACKAGE==VERSION", help="read these again")
    parser.add_argument("--all", action="store_true", help="read every release again")
    parser.add_argument(
        "--looked-at",
        action="append",
        default=[],
        metavar="PACKAGE==VERSION",
        help="the facts were compared with the source of this release",
    )
    parser.add_argument(
        "--wheels",
        metavar="DIRECTORY",
        type=Path,
        help="keep what is downloaded here, and use it again",
    )
    arguments = parser.parse_args()
    for name in ("releases", "looked_at"):
        pairs = [tuple(text.split("==")) for text in getattr(arguments, name)]
        if any(len(pair) != 2 for pair in pairs):
            parser.error("a release is written PACKAGE==VERSION")
        setattr(arguments, name, pairs)
    return arguments


def update(package, index, arguments):
    """Reads the releases that are asked for or new, and takes over what they say."""

    def asked(pairs):
        return [version for name, version in pairs if name in package.names]

    released = index.releases(package.name)
    every = released if arguments.all and package.backends else []
    changed = [version for version in released if released[version] != package.is_yanked(version)]
    wanted = {*changed, *every, *asked(arguments.releases)}
    package.look_at_list(released)
    for version in sorted(wanted, key=order):
        print(f"{package.name} {version}", flush=True)
        package.read(version, index.wheel(package.name, version))
    package.write()
    for backend in package.backends:
        derive(backend, package)
        examine(backend, package, index, asked(arguments.looked_at))


class Package:
    """What the files hold of a package, by release; of Airflow itself only the releases."""

    def __init__(self, row, files):
        self.name, self.names, self.row = row["name"], (row["name"], row["id"]), row
        backends = files["backends"]["backends"] if self.name != AIRFLOW else []
        self.backends = [it for it in backends if it["package"] == self.name]
        self.classes, self.modules = files["sources"]["classes"], files["sources"]["modules"]
        aliases = [alias for backend in self.backends for alias in backend["aliases"]]
        self.class_paths = [backend["class"] for backend in self.backends]
        self.class_paths += [it["class"] for it in aliases if it["package"] == self.name]
        self.module_paths = [path for backend in self.backends for path in modules_of(backend)]
        yanked = {it["version"]: it["why"] for it in row["yanked"]}
        self.records = {
            version: {
                "yanked": yanked.get(version),
                "floor": (at(row["airflow_floor"], version) or {}).get("airflow"),
                "classes": {path: self.signature(path, version) for path in self.class_paths},
                "modules": {
                    path: (at(self.modules.get(path, []), version) or {}).get("digest")
                    for path in self.module_paths
                },
            }
            for version in row["released"]
        }

    def signature(self, path, version):
        """How the class at `path` is called at `version`, as it is recorded."""
        recorded = self.classes.get(path)
        there = recorded and at(recorded["there"], version)
        if not there or "passed_on" in there:
            return there
        parameters = {name: at(rows, version) for name, rows in recorded["parameters"].items()}
        lookups = {name: at(rows, version) for name, rows in recorded["lookups"].items()}
        return {
            "parameters": {name: value_in(it) for name, it in parameters.items() if it is not None},
            "takes_any": there["takes_any"],
            "lookups": {name: it["team"] for name, it in lookups.items() if it},
        }

    def signatures(self, backend):
        """How its class is called, by version, under whichever path holds it."""
        paths = [backend["class"], *(it["class"] for it in backend["aliases"])]
        defined = {}
        for version, record in self.records.items():
            here = (record["classes"].get(path) for path in paths)
            defined |= {version: it for it in here if it and "parameters" in it}
        return defined

    def is_yanked(self, version):
        """Whether a release was withdrawn, as it is recorded; `None` when it is not recorded."""
        record = self.records.get(version)
        return record and record["yanked"] is not None

    def look_at_list(self, released):
        """Says what is odd about the index's list of releases."""
        for version in self.records.keys() - released.keys():
            to_look_at.append(f"{self.name} {version} is recorded, and the index does not list it")
        if self.name == AIRFLOW:
            to_look_at.extend(
                f"{AIRFLOW} {version} is new: airflow.json and the backends of Airflow itself are "
                "kept by hand"
                for version in released.keys() - self.records.keys()
            )

    def read(self, version, wheel):
        """Records what the wheel of `version` says."""
        for path in set(wheel.secrets_backends()) - set(self.class_paths):
            to_look_at.append(f"{self.name} {version} lists the secrets backend {path}")
        self.records[version] = {
            "yanked": wheel.withdrawn,
            "floor": wheel.floor() if self.name != AIRFLOW else None,
            "classes": {path: wheel.signature(path) for path in self.class_paths},
            "modules": {path: wheel.digest(path) for path in self.module_paths},
        }

    def write(self):
        """Puts the records back into the data."""
        self.records = {
            version: self.records[version] for version in sorted(self.records, key=order)
        }
        records = self.records.items()
        self.row["released"] = list(self.records)
        self.row["yanked"] = [
            {"version": version, "why": it["yanked"]}
            for version, it in records
            if it["yanked"] is not None
        ]
        floors = ranges(
            (version, it["floor"] and {"airflow": it["floor"]}) for version, it in records
        )
        self.row["airflow_floor"] = [
            {"from": it["from"], "airflow": it["airflow"]} for it in floors
        ]
        for path in self.class_paths:
            by_version = [(version, it["classes"][path]) for version, it in records]
            self.classes[path] = timelines(by_version)
        for path in self.module_paths:
            digests = [(version, it["modules"][path]) for version, it in records]
            self.modules[path] = ranges((version, it and {"digest": it}) for version, it in digests)


def modules_of(backend):
    """The modules, or classes in them, that decide what a backend does."""
    return [backend["class"].rpartition(".")[0], *backend.get("uses", [])]


def timelines(signatures):
    """What is recorded of a class: each of its parts with the versions that have it."""

    def of(part, value):
        names = dict.fromkeys(name for _, it in signatures if it for name in it.get(part, {}))
        return {
            name: ranges(
                (version, value(it[part][name]) if it and name in it.get(part, {}) else None)
                for version, it in signatures
            )
            for name in sorted(names)
        }

    def default(value):
        if isinstance(value, Code):
            return {"code": str(value)}
        return {} if value is None else {"default": value}

    def whole(it):
        return it and {name: it[name] for name in ("passed_on", "takes_any") if name in it}

    recorded = {"there": ranges((version, whole(it)) for version, it in signatures)}
    parameters = of("parameters", default)
    lookups = of("lookups", lambda team: {"team": team})
    return recorded | ({"parameters": parameters, "lookups": lookups} if lookups else {})


def value_in(row):
    """The default that a row of a parameter records."""
    return Code(row["code"]) if "code" in row else row.get("default")


def ranges(values):
    """Rows of `from`, `until` and a value, a dictionary, for runs of versions; `None` has no row.

    A row without `until` holds up to the next one.
    """
    rows, current = [], None
    for version, value in values:
        if value is None and current is not None:
            rows[-1] = {"from": rows[-1]["from"], "until": version, **current}
        elif value != current:
            rows.append({"from": version, **value})
        current = value
    return rows


def at(rows, version):
    """The value of the row that holds at `version`; `None` where none does."""
    begun = [row for row in rows if order(row["from"]) <= order(version)]
    if not begun or "until" in begun[-1] and order(begun[-1]["until"]) <= order(version):
        return None
    return {key: it for key, it in begun[-1].items() if key not in ("from", "until")}


def derive(backend, package):
    """Takes over what the source of a backend's class says."""
    backend["since"] = package.classes[backend["class"]]["there"][0]["from"]
    for alias in backend["aliases"]:
        if alias["package"] == package.name:
            rows = package.classes[alias["class"]]["there"]
            alias["from"] = rows[0]["from"]
            for row in rows:
                if "until" in row:
                    alias["until"] = row["until"]
                if "passed_on" in row:
                    alias["shim_from"] = row["from"]
    defined = package.signatures(backend)
    behaviours = {
        "accepts-team": lambda lookups: all(lookups[it] for it in lookups if it != "get_config"),
        "accepts-team-with-variables": lambda lookups: lookups["get_variable"],
        "overrides-get-connection": lambda lookups: "get_connection" in lookups,
    }
    for name, shows in behaviours.items():
        rows = ranges(
            (version, {} if shows(it["lookups"]) else None) for version, it in defined.items()
        )
        backend["behaviours"] |= {name: rows} if rows else {}
    known = {it["name"]: it for it in backend["parameters"]}
    for name in dict.fromkeys(name for it in defined.values() for name in it["parameters"]):
        if name not in known:
            known[name] = new_parameter(name, backend, defined)
        derive_parameter(known[name], defined)


def new_parameter(name, backend, signatures):
    """A row for a parameter that has none yet."""
    first = next(version for version, it in signatures.items() if name in it["parameters"])
    row = {"name": name, "type": "any", "effects": [{"from": first, "effect": "used"}]}
    backend["parameters"].append(row)
    to_look_at.append(
        f"{backend['id']}: `{name}` is new: what is its type, is it a credential, and what becomes "
        "of a value of another type?"
    )
    return row


def derive_parameter(parameter, signatures):
    """Since and until when the constructor names a parameter, and its default."""
    name, effects, versions = parameter["name"], parameter["effects"], list(signatures)
    named = [version for version in versions if name in signatures[version]["parameters"]]
    before = [version for version in versions if order(version) < order(named[0])]
    after = [version for version in versions if order(version) > order(named[-1])]
    # A constructor that takes any keyword may have read it before, and may go on to.
    perhaps_before = before and signatures[before[-1]]["takes_any"]
    if not perhaps_before or order(effects[0]["from"]) > order(named[0]):
        effects[0]["from"] = named[0]
    if after and not signatures[after[0]]["takes_any"]:
        effects[-1]["until"] = after[0]
    default = signatures[named[-1]]["parameters"][name]
    if default is not None and not isinstance(default, Code):
        parameter["default"] = default


def examine(backend, package, index, looked_at):
    """Raises `examined` to the last release whose source is the one that was looked at."""
    examined = max([backend["examined"], *looked_at], key=order)
    digests = {
        version: [it["modules"][path] for path in modules_of(backend)]
        for version, it in package.records.items()
    }
    for version in [it for it in digests if order(it) > order(examined)]:
        if digests[version] != digests[examined]:
            to_look_at.append(
                f"{backend['id']}: its source changed in {package.name} {version} (above); compare "
                f"the facts, then say so: --looked-at {package.row['id']}=={version}"
            )
            old, new = (index.wheel(package.name, it) for it in (examined, version))
            for path in modules_of(backend):
                show_difference(path, old.source(path), new.source(path))
            break
        examined = version
    backend["examined"] = examined


def show_difference(path, *trees):
    """Prints what changed in a module, without comments and imports."""
    old, new = (ast.unparse(tree).splitlines() if tree else [] for tree in trees)
    for line in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", lineterm=""):
        print(line)


def layout(value, depth=0):
    """The value as JSON with as much on a line as fits; of lists of texts too."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or not value or depth and depth + len(line) <= WIDTH:
        return line
    if isinstance(value, dict):
        open_, close = "{", "}"
        parts = [f"{json.dumps(key)}: {layout(it, depth + 1)}" for key, it in value.items()]
    else:
        open_, close = "[", "]"
        parts = (
            filled(value, depth + 1)
            if all(isinstance(it, str) for it in value)
            else [layout(it, depth + 1) for it in value]
        )
    space = "\n" + " " * (depth + 1)
    return f"{open_}{space}{f',{space}'.join(parts)}\n{' ' * depth}{close}"


def filled(texts, depth):
    """Lines with as many of the texts as fit."""
    lines = []
    for text in map(json.dumps, texts):
        if lines and depth + len(lines[-1]) + len(text) + 3 <= WIDTH:
            lines[-1] += f", {text}"
        else:
            lines.append(text)
    return lines


if __name__ == "__main__":
    main()
