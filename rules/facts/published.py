"""What update.py learns of published packages: from pip, and from the sources inside wheels."""

import ast
import hashlib
import re
import subprocess
import sys
import zipfile

# The methods by which Airflow asks a backend.
LOOKUPS = {"get_connection", "get_conn_uri", "get_conn_value", "get_variable", "get_config"}


def order(version):
    """Sorts plain versions as pip does."""
    numbers = [int(part) for part in version.split(".")]
    while numbers[-1:] == [0]:
        numbers.pop()
    return numbers


class Index:
    """What pip finds, wherever it is set up to look."""

    def __init__(self, directory):
        self.directory = directory

    def releases(self, name):
        """The stable releases, oldest first, with whether each was withdrawn."""
        anyway = "--ignore-requires-python"
        offered = listed(
            r"^Available versions: (.*)$", pip("index", "versions", anyway, name).stdout
        )
        # Asked for one that is not there, pip names those that are; newer ones name the withdrawn
        # on a line of their own.
        asked = pip("download", "--no-deps", anyway, f"{name}==0", fails=True).stderr
        every = listed(r"\(from versions: (.*?)\)", asked) + listed(
            r"yanked versions: (.*)$", asked
        )
        stable = {text for text in every if re.fullmatch(r"\d+(\.\d+)*", text)}
        return {version: version not in offered for version in sorted(stable, key=order)}

    def wheel(self, name, version):
        """The wheel of a release."""
        pattern = f"{name.replace('-', '_')}-{version}-*.whl"
        withdrawn = self.directory / f"{name}-{version}.withdrawn"
        if not list(self.directory.glob(pattern)):
            options = ["--no-deps", "--only-binary", ":all:", "--ignore-requires-python"]
            said = pip("download", *options, "--dest", str(self.directory), f"{name}=={version}")
            if "yanked version" in said.stderr:
                why = re.search(r"Reason for being yanked: (.*)", said.stderr)
                withdrawn.write_text(why[1].strip() if why else "")
        [path] = self.directory.glob(pattern)
        return Wheel(path, withdrawn.read_text() if withdrawn.exists() else None)


def listed(pattern, text):
    """The texts of a list that pip prints."""
    found = re.search(pattern, text, re.MULTILINE)
    return found[1].split(", ") if found else []


def pip(*arguments, fails=False):
    """Runs pip; ends the program with what pip says when it fails and should not."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if bool(done.returncode) != fails:
        sys.exit(f"pip {' '.join(arguments)}\n{done.stderr}")
    return done


class Wheel:
    """A published wheel, and why it was withdrawn from the index: `None` if it was not."""

    def __init__(self, path, withdrawn):
        self.archive = zipfile.ZipFile(path)
        self.withdrawn = withdrawn

    def floor(self):
        """The oldest Airflow that it declares to work with, as `2.9` for 2.9.0."""
        [name] = [it for it in self.archive.namelist() if it.endswith(".dist-info/METADATA")]
        metadata = self.archive.read(name).decode()
        pattern = r"^Requires-Dist: apache-airflow *\(?>= *([\d.]+)[^;\n]*$"
        found = re.search(pattern, metadata, re.MULTILINE)
        return re.sub(r"^(\d+\.\d+)(\.0)+$", r"\1", found[1]) if found else None

    def secrets_backends(self):
        """The classes that the provider itself lists."""
        names = [it for it in self.archive.namelist() if it.endswith("/get_provider_info.py")]
        text = self.archive.read(names[0]).decode() if names else ""
        found = re.search(r'"secrets-backends": (\[[^\]]*\])', text)
        return ast.literal_eval(found[1]) if found else []

    def tree(self, module):
        """The syntax tree of a module; `None` when it is not there."""
        name = module.replace(".", "/") + ".py"
        return ast.parse(self.archive.read(name)) if name in self.archive.namelist() else None

    def source(self, path):
        """What runs of `module`, or of `module:Class`: without comments, imports, annotations."""
        module, _, name = path.partition(":")
        tree = self.tree(module)
        if tree and name:
            tree = next((it for it in tree.body if getattr(it, "name", None) == name), None)
        return tree and Plain().visit(tree)

    def digest(self, path):
        """A digest of that; `None` when it is not there."""
        source = self.source(path)
        return source and hashlib.sha256(dump(source).encode()).hexdigest()[:12]

    def signature(self, path):
        """How the class at `path` is called, and whether its lookups take a team.

        `None` when it is not there; of a class that the module only passes on, nothing but that.
        """
        module, _, name = path.rpartition(".")
        tree = self.tree(module)
        body = tree.body if tree else []
        imported = (alias for it in body if isinstance(it, ast.ImportFrom) for alias in it.names)
        if any(alias.name == name for alias in imported):
            return {"passed_on": True}
        node = next((it for it in body if isinstance(it, ast.ClassDef) and it.name == name), None)
        if not node:
            return None
        methods = {it.name: it.args for it in node.body if isinstance(it, ast.FunctionDef)}
        constructor = methods["__init__"]
        lookups = {name: methods[name] for name in sorted(LOOKUPS & methods.keys())}
        return {
            "parameters": {
                name: value_of(default, node.body + body)
                for name, default in parameters(constructor).items()
            },
            "takes_any": constructor.kwarg is not None,
            "lookups": {name: "team_name" in parameters(it) for name, it in lookups.items()},
        }


def parameters(arguments):
    """The parameters of a method without `self`, with the nodes of their defaults."""
    names = [it.arg for it in arguments.posonlyargs + arguments.args]
    defaults = [None] * (len(names) - len(arguments.defaults)) + arguments.defaults
    keyword_only = zip((it.arg for it in arguments.kwonlyargs), arguments.kw_defaults)
    return dict([*zip(names, defaults), *keyword_only][1:])


class Code(str):
    """A default that is no plain value."""


def value_of(node, body):
    """The value of a default; a name may be assigned in `body`, of the class and its module."""
    if isinstance(node, ast.Name):
        assigned = (it for it in body if isinstance(it, ast.Assign))
        given = (it.value for it in assigned if getattr(it.targets[0], "id", None) == node.id)
        node = next(given, node)
    try:
        return None if node is None else ast.literal_eval(node)
    except ValueError:
        return Code(ast.unparse(node))


class Plain(ast.NodeTransformer):
    """Leaves out imports, docstrings and annotations."""

    def visit_Import(self, _):
        return ast.Pass()

    visit_ImportFrom = visit_Import

    def visit_AnnAssign(self, node):
        self.generic_visit(node)
        return ast.Assign([node.target], node.value, lineno=0) if node.value else ast.Pass()

    def visit_arg(self, node):
        return ast.arg(node.arg)

    def generic_visit(self, node):
        super().generic_visit(node)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            described = ast.get_docstring(node) is not None
            node.body = [it for it in node.body[described:] if not isinstance(it, ast.Pass)]
            node.body = node.body or [ast.Pass()]
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        return node


def dump(node):
    """The tree as text that is the same with every Python; `ast.dump` prints new fields too."""
    if isinstance(node, list):
        return f"[{','.join(map(dump, node))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = [(name, value) for name, value in ast.iter_fields(node) if value not in (None, [])]
    kept = [f"{name}={dump(value)}" for name, value in fields if name not in ("ctx", "kind")]
    return f"{type(node).__name__}({','.join(kept)})"
