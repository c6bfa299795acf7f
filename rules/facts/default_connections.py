#!/usr/bin/env python3
"""Writes rules/facts/default_connections.json: which connection a class asks for when it is given none.

By hand, not in the build:

    mkdir wheels
    pip download --no-deps --only-binary :all: -d wheels apache-airflow-providers-amazon ...
    python3 rules/facts/default_connections.py wheels > rules/facts/default_connections.json

A parameter counts when `__init__` (the class's own, or the nearest inherited one that its own passes
the rest to) takes a connection's id and has a text as its default; for hooks of databases, which take
the id under the name in `conn_name_attr`, that is `default_conn_name`. Several versions of a package
may lie in the directory: what differs between those that have the class is left out, and so is what
two classes of one name do not share. Standard library only; nothing is imported.
"""

import ast
import json
import re
import sys
import zipfile
from collections import defaultdict
from pathlib import Path

FOLDERS = r"/(hooks|operators|sensors|transfers|notifications|notifiers)/"
# Hooks that go on without a connection of that name, with the credentials of where they run. Read in
# the classes named: each catches AirflowNotFoundException.
OPTIONAL = {
    "aws_default": "AwsGenericHook",
    "emr_default": "EmrHook",
    "kubernetes_default": "KubernetesHook",
    "spark_default": "SparkSubmitHook",
    "spark_sql_default": "SparkSqlHook",
}


def names_connection(parameter):
    return parameter in ("conn_id", "kafka_config_id") or parameter.endswith("_conn_id")


class Class:
    """What of a class matters: bases, constants, and the parameters of `__init__`."""

    def __init__(self, path, node, constants):
        self.path = path
        self.bases = [ast.unparse(base).split("[")[0].split(".")[-1] for base in node.bases]
        self.constants = {}
        self.parameters = None
        self.forwards = True
        self.outer = constants
        for statement in node.body:
            targets = []
            if isinstance(statement, ast.Assign):
                targets = statement.targets
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                targets = [statement.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    self.constants[target.id] = statement.value
            if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
                arguments = statement.args
                positional = arguments.posonlyargs + arguments.args
                defaults = [None] * (len(positional) - len(arguments.defaults)) + arguments.defaults
                pairs = list(zip(positional, defaults)) + list(zip(arguments.kwonlyargs, arguments.kw_defaults))
                self.parameters = {argument.arg: default for argument, default in pairs}
                self.forwards = arguments.kwarg is not None


def read(wheel):
    found = {}
    with zipfile.ZipFile(wheel) as archive:
        for path in archive.namelist():
            if not re.match(r"airflow/.*\.py$", path) or "/tests/" in path or "/example_dags/" in path:
                continue
            try:
                tree = ast.parse(archive.read(path))
            except SyntaxError:
                continue
            constants = {}
            for node in tree.body:
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    constants[node.targets[0].id] = node.value
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    found[node.name] = Class(path, node, constants)
    return found


def text(expression, cls, known, depth=0):
    """The text that an expression in the body of a class stands for."""
    if depth > 8 or expression is None:
        return None
    if isinstance(expression, ast.Constant):
        return expression.value if isinstance(expression.value, str) else None
    if isinstance(expression, ast.Name):
        value = cls.constants.get(expression.id, cls.outer.get(expression.id))
        return text(value, cls, known, depth + 1)
    if isinstance(expression, ast.Attribute) and isinstance(expression.value, ast.Name):
        other = known.get(expression.value.id)
        return constant(other, expression.attr, known, depth + 1) if other else None
    return None


def constant(cls, name, known, depth=0):
    if cls is None or depth > 8:
        return None
    if name in cls.constants:
        return text(cls.constants[name], cls, known, depth + 1)
    for base in cls.bases:
        found = constant(known.get(base), name, known, depth + 1)
        if found:
            return found
    return None


def defaults(name, known, seen=()):
    """Each parameter for a connection with its default, `None` where it has none."""
    cls = known.get(name)
    if cls is None or name in seen:
        return {}
    inherited = {}
    if cls.parameters is None or cls.forwards:
        for base in reversed(cls.bases):
            inherited.update(defaults(base, known, (*seen, name)))
    for parameter, default in (cls.parameters or {}).items():
        if names_connection(parameter):
            inherited[parameter] = text(default, cls, known)
    if derives(name, "DbApiHook", known) and name != "DbApiHook":
        parameter, default = (constant(cls, it, known) for it in ("conn_name_attr", "default_conn_name"))
        if parameter and default and parameter not in inherited:
            inherited[parameter] = default
        elif parameter and default:
            inherited[parameter] = inherited[parameter] or default
    return inherited


def derives(name, wanted, known, depth=0):
    cls = known.get(name)
    return name == wanted or (cls is not None and depth < 12 and any(derives(it, wanted, known, depth + 1) for it in cls.bases))


def main(directory):
    wheels = sorted(Path(directory).glob("*.whl"))
    everywhere = [read(wheel) for wheel in wheels]
    shared = {}
    for one in everywhere:
        shared.update(one)
    versions = defaultdict(list)
    for one in everywhere:
        # Bases of other packages, such as those of common.sql, come from any wheel.
        known = {**shared, **one}
        for name, cls in one.items():
            if not name.startswith(("_", "Base")) and re.search(FOLDERS, cls.path):
                versions[name].append(defaults(name, known))
    rows = defaultdict(list)
    for name, found in sorted(versions.items()):
        for parameter, default in sorted(found[0].items()):
            if default and all(one.get(parameter) == default for one in found):
                rows[f"{parameter}={default}"].append(name)
    packages = sorted({re.sub(r"-py3.*", "", wheel.name).replace("_", "-") for wheel in wheels})
    packages = [name.replace("apache-airflow-providers-", "") for name in packages]
    about = (
        "Which connection a hook, operator, sensor or notifier of Airflow's asks for when it is not told: "
        "`parameter=id`, with the classes for which that holds in every version looked at. `optional`: ids "
        "without which the named class goes on. Written by rules/facts/default_connections.py."
    )
    source = "Wheels (apache-airflow-providers- left out): " + ", ".join(packages) + "."
    print(f'{{\n "about": {json.dumps(about)},\n "source": {json.dumps(source)},')
    print(f' "optional": {json.dumps(OPTIONAL)},\n "defaults": {{')
    print(",\n".join(f"  {json.dumps(pair)}: {json.dumps(' '.join(names))}" for pair, names in sorted(rows.items())))
    print(" }\n}")


main(sys.argv[1])
