"""Asks Terraform for the values of the locals in the `.tf` files beside this script.

Needs `terraform` on the path, no provider and no network. Writes `answers.json`.
"""

import json
import pathlib
import re
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent


def run(directory, *arguments):
    done = subprocess.run(
        ["terraform", *arguments], cwd=directory, check=True, capture_output=True, text=True
    )
    return done.stdout


answers = {"terraform": re.search(r"v(\S+)", run(HERE, "version")).group(1)}
for case in sorted(HERE.glob("*.tf")):
    text = case.read_text()
    names = re.findall(r"^  (\w+) +=", "".join(re.findall(r"^locals \{.*?^\}", text, re.S | re.M)), re.M)
    members = "\n".join(f"    {name} = local.{name}" for name in names)
    with tempfile.TemporaryDirectory() as directory:
        (pathlib.Path(directory) / "main.tf").write_text(text)
        output = f'output "all" {{\n  value = {{\n{members}\n  }}\n}}\n'
        (pathlib.Path(directory) / "output.tf").write_text(output)
        run(directory, "init", "-no-color")
        run(directory, "apply", "-auto-approve", "-no-color")
        answers[case.name] = json.loads(run(directory, "output", "-json"))["all"]["value"]
(HERE / "answers.json").write_text(json.dumps(answers, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
