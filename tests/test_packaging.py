"""pyproject.toml, requirements.lock and environment.yml say the same."""

import ast
import csv
import re
import subprocess
import sys
import tomllib
from importlib import metadata

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from helpers.runs import NOTEBOOKS, PROJECT, STAGES

PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text())
PROJECT_TABLE = PYPROJECT["project"]


def lock():
    lines = [line for line in (PROJECT / "requirements.lock").read_text().splitlines() if line and line[0] != "#"]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==\S+", line) for line in lines), "every line is a pin"
    return {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in lines}


def declared():
    return [
        Requirement(text) for text in PROJECT_TABLE["dependencies"] + PROJECT_TABLE["optional-dependencies"]["test"]
    ]


def test_every_declared_dependency_is_pinned_within_its_range():
    pins = lock()
    for requirement in declared():
        pin = pins[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(pin), f"{requirement} does not admit {pin}; run `make lock`"


def test_nothing_is_pinned_that_nothing_needs():
    waiting, needed = [(canonicalize_name(r.name), frozenset(r.extras)) for r in declared()], set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in needed or name not in lock():
            continue
        needed.add((name, extras))
        for requirement in map(Requirement, metadata.requires(name) or []):
            wanted = [requirement.marker is None or requirement.marker.evaluate({"extra": e}) for e in ("", *extras)]
            if any(wanted):
                waiting.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    superfluous = set(lock()) - {name for name, _ in needed}
    assert not superfluous, f"run `make lock`: {sorted(superfluous)}"


def test_the_environment_that_runs_this_is_the_locked_one():
    different = {
        name: (pin, metadata.version(name))
        for name, pin in lock().items()
        if metadata.version(name).split("+")[0] != pin
    }
    assert different == {}


def test_every_pin_installs_on_the_oldest_python_that_the_project_admits():
    oldest = next(iter(SpecifierSet(PROJECT_TABLE["requires-python"]))).version + ".0"
    admitted = {name: metadata.metadata(name)["Requires-Python"] or "" for name in lock()}
    refusing = {name: text for name, text in admitted.items() if not SpecifierSet(text).contains(oldest)}
    assert refusing == {}, f"not for Python {oldest}; hold them back in the Makefile's `lock`"


def test_conda_users_get_the_same_pins_and_a_python_that_the_project_admits():
    dependencies = yaml.safe_load((PROJECT / "environment.yml").read_text())["dependencies"]
    pip = next(entry["pip"] for entry in dependencies if isinstance(entry, dict))
    assert pip == ["-r requirements.lock", "-e ."]
    python = next(entry for entry in dependencies if str(entry).startswith("python="))
    assert Requirement(f"python{PROJECT_TABLE['requires-python']}").specifier.contains(python.split("=")[1] + ".0")


def test_the_version_is_said_once():
    import helpers

    assert PROJECT_TABLE["version"] == helpers.__version__


def test_a_wheel_ships_every_file_that_lies_beside_the_modules():
    source, kept = PROJECT / "src", PYPROJECT["tool"]["setuptools"]["package-data"]
    folders = {source.joinpath(*package.split(".")): patterns for package, patterns in kept.items()}
    shipped = {file for folder, patterns in folders.items() for pattern in patterns for file in folder.glob(pattern)}
    beside = {
        file for file in (source / "helpers").rglob("*.*") if file.is_file() and file.suffix not in (".py", ".pyc")
    }
    assert beside <= shipped


def test_torchvision_and_what_drags_it_in_stay_out():
    assert not {"torchvision", "torch-fidelity", "piq", "medmnist"} & set(lock())


def test_notebooks_are_stored_without_outputs():
    import nbformat

    for stage in STAGES:
        notebook = nbformat.read(str(NOTEBOOKS / f"{stage}.ipynb"), as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                assert not cell.outputs and cell.execution_count is None, stage


def test_every_pinned_package_states_its_licence(tmp_path):
    table = tmp_path / "licences.csv"
    subprocess.run([sys.executable, PROJECT / "scripts" / "licences.py", table], check=True, capture_output=True)
    rows = list(csv.DictReader(table.open()))
    assert {canonicalize_name(row["package"]): row["version"] for row in rows} == lock()
    assert [row["package"] for row in rows if row["licence"] == "not stated"] == []


# Modules of the standard library, and functions of os, that Windows does not have, or not without special rights.
OF_UNIX = {"fcntl", "pwd", "grp", "resource", "termios", "pty"}
OF_UNIX |= {"fork", "pwrite", "pread", "killpg", "setsid", "getuid", "geteuid", "chown", "mkfifo", "symlink"}
OF_UNIX |= {"posix_fallocate", "symlink_to"}


def names_in(code: str) -> set[str]:
    """Modules that a source imports, and attributes that it uses."""
    names = set()
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Import(names=aliases):
                names |= {alias.name for alias in aliases}
            case ast.ImportFrom(module=module):
                names.add(module)
            case ast.Attribute(attr=name):
                names.add(name)
    return names


def test_the_code_uses_what_only_unix_has_nowhere_without_asking_for_it():
    found = set()
    for file in (PROJECT / "src").rglob("*.py"):
        code = file.read_text(encoding="utf-8")
        unasked = {name for name in names_in(code) & OF_UNIX if f'hasattr(os, "{name}")' not in code}
        found |= {(file.name, name) for name in unasked}
    assert found == set()
