#!/usr/bin/env python3
"""Writes rules/facts/operators.json: which arguments of Airflow's operators are templates.

By hand, not in the build:

    mkdir wheels
    pip download --no-deps --only-binary :all: -d wheels apache-airflow-providers-standard ...
    python3 rules/facts/templated_fields.py wheels > rules/facts/operators.json

Several versions of a package may lie there: what is not a template in each that has the class is left
out. A class is found by its name and those of its bases, an argument when `__init__` (its own, or the
nearest inherited one) has a parameter of that name. Standard library only; nothing is imported.
"""

import ast
import json
import re
import sys
import zipfile
from collections import defaultdict
from pathlib import Path

ROOTS = {"BaseOperator", "BaseSensorOperator", "BaseAsyncOperator"}


def text_list(node):
    """The strings of a list or tuple, also of a sum of those; `None` where something is not known."""
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        found = []
        for item in node.elts:
            if isinstance(item, ast.Constant) and isinstance(item.value, str):
                found.append(item.value)
            elif isinstance(item, ast.Starred):
                found.append(("base", ast.unparse(item.value)))
            else:
                return None
        return found
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = text_list(node.left), text_list(node.right)
        return None if left is None or right is None else left + right
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("aws_template_fields", "tuple", "list", "sorted"):
        parts = []
        for argument in node.args:
            if isinstance(argument, ast.Constant):
                parts.append(argument.value)
            elif isinstance(argument, ast.Starred):
                parts.append(("base", ast.unparse(argument.value)))
            else:
                inner = text_list(argument)
                if inner is None:
                    return None
                parts += inner
        if node.func.id == "aws_template_fields":
            parts += ["aws_conn_id", "region_name", "verify"]
        return parts
    if isinstance(node, ast.Attribute) and node.attr == "template_fields":
        return [("base", ast.unparse(node))]
    return None


def classes(wheel):
    """Every class of a wheel: name, bases, `template_fields` and parameters of `__init__`."""
    found = {}
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if not re.match(r"airflow/.*\.py$", name) or "/tests/" in name or "/example_dags/" in name:
                continue
            try:
                tree = ast.parse(archive.read(name))
            except SyntaxError:
                continue
            for node in ast.walk(tree):
                if not isinstance(node, ast.ClassDef):
                    continue
                fields, parameters, forwards = None, None, True
                for statement in node.body:
                    target = value = None
                    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                        target, value = statement.targets[0], statement.value
                    elif isinstance(statement, ast.AnnAssign):
                        target, value = statement.target, statement.value
                    if isinstance(target, ast.Name) and target.id == "template_fields" and value is not None:
                        fields = text_list(value)
                        if fields is None:
                            fields = ["?"]
                    if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
                        arguments = statement.args
                        parameters = {a.arg for a in arguments.args + arguments.kwonlyargs} - {"self"}
                        forwards = arguments.kwarg is not None
                bases = [ast.unparse(base).split("[")[0].split(".")[-1] for base in node.bases]
                found[node.name] = (name, bases, fields, parameters, forwards)
    return found


def resolve(name, known, seen=()):
    """Fields and parameters of a class, with what it inherits; `None` when it is no operator."""
    if name in seen or name not in known:
        return None
    _, bases, fields, parameters, forwards = known[name]
    above = None
    for base in bases:
        if base in ROOTS:
            above = above or (set(), set())
            continue
        found = resolve(base, known, (*seen, name))
        if found:
            above = above or (set(), set())
            above = (above[0] or found[0], above[1] | found[1])
    if above is None:
        return None
    if fields is None:
        own_fields = above[0]
    else:
        own_fields = set()
        for field in fields:
            if field == "?":
                return (set(), set())
            if isinstance(field, tuple):
                own_fields |= above[0]
            else:
                own_fields.add(field)
    if parameters is None:
        own_parameters = above[1]
    else:
        own_parameters = parameters | (above[1] if forwards else set())
    return own_fields, own_parameters


def main(directory):
    wheels = sorted(Path(directory).glob("*.whl"))
    everywhere = [classes(wheel) for wheel in wheels]
    shared = {}
    for one in everywhere:
        shared.update(one)
    fields_of = defaultdict(list)
    for wheel, one in zip(wheels, everywhere):
        # Bases of other packages, such as those of common.sql, come from any wheel.
        known = {**shared, **one}
        for name, (path, *_rest) in one.items():
            if name.startswith("_") or not re.search(r"/(operators|sensors|transfers|decorators)/", path):
                continue
            found = resolve(name, known)
            if found:
                fields, parameters = found
                fields_of[name].append((fields & parameters, wheel.name))
    operators = {}
    for name, versions in sorted(fields_of.items()):
        certain = set.intersection(*(fields for fields, _ in versions))
        if certain:
            operators[name] = " ".join(sorted(certain))
    packages = sorted({re.sub(r"-py3.*", "", wheel.name).replace("_", "-") for wheel in wheels})
    packages = [name.replace("apache-airflow-providers-", "") for name in packages]
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(fields)}" for name, fields in operators.items())
    about = (
        "Which arguments of operators and sensors are templates, by the name of the class: those that are "
        "one in every version looked at. Written by rules/facts/templated_fields.py."
    )
    print(f'{{\n "about": {json.dumps(about)},\n "source": {json.dumps("Wheels (apache-airflow-providers- left out): " + ", ".join(packages) + ".")},')
    print(f' "templated": {{\n{rows}\n }}\n}}')


main(sys.argv[1])
