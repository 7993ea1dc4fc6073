"""Which code made a result: the helper modules that a notebook or a module uses, found by following imports."""

import ast
import hashlib
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from helpers.notebooks import code_of_cells
from helpers.runs import NOTEBOOKS, PROJECT, workspace

PACKAGE = Path(__file__).resolve().parent
IMPORT = re.compile(
    rf"^[ \t]*(?:from {PACKAGE.name}[.\w]* import (?:\([^)]*\)|.+)|import {PACKAGE.name}\b.*)$", re.MULTILINE
)
# Modules that change no result, only what is said about it; also tasks, which every table's schema names: code that
# depends on the tasks themselves asks for them by name.
SILENT = ("dependencies", "errors", "notebooks", "progress", "provenance", "runs", "tasks")


def _module_files(name: str) -> list[Path]:
    """Files that importing a dotted ``helpers...`` name executes: the packages on the way and the module."""
    files, folder = [], PACKAGE.parent
    for part in name.split("."):
        folder = folder / part
        if (folder / "__init__.py").is_file():
            files.append(folder / "__init__.py")
        elif folder.with_suffix(".py").is_file():
            files.append(folder.with_suffix(".py"))
            break
        else:
            break  # a name inside the module, not a module
    return files


def imported_names(code: str) -> set[str]:
    """Dotted names that a source imports from the project, wherever the statement is.

    Only these statements are parsed; parsing whole modules for every notebook would take most of a study's start-up.
    """
    names = set()
    for statement in IMPORT.findall(code):
        (node,) = ast.parse(statement.strip()).body
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        else:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@cache
def _imports_of(file: Path) -> frozenset[Path]:
    names = imported_names(file.read_text(encoding="utf-8"))
    return frozenset(found for name in names for found in _module_files(name))


def modules_of(stage: str) -> list[Path]:
    """Helper modules that a notebook imports, directly or through other helpers; sorted paths."""
    names = {name for code in code_of_cells(stage) for name in imported_names(code)}
    return _with_imports({file for name in names for file in _module_files(name)})


def _with_imports(waiting: set[Path]) -> list[Path]:
    found: set[Path] = set()
    while waiting:
        file = waiting.pop()
        found.add(file)
        waiting |= _imports_of(file) - found
    return sorted(found)


def code_of(*names: str) -> str:
    """SHA-256 of the code that runs when modules (``helpers.generators.gan``) and their helper imports are imported.

    Comments, docstrings and layout do not count, nor do ``SILENT`` modules that are not among ``names``. Data files
    beside the modules do.
    Code that keeps a result for later keeps this beside it, and makes the result again when it differs.
    Raises ValueError for a name that is not a module of the project.
    """
    waiting: set[Path] = set()
    for name in names:
        files = _module_files(name)
        if len(files) != len(name.split(".")):
            raise ValueError(f"{name!r} is not a module of the project")
        waiting |= set(files)
    silent = {PACKAGE / f"{name}.py" for name in SILENT if f"helpers.{name}" not in names}
    files = [file for file in _with_imports(waiting) if file not in silent]
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(PACKAGE).as_posix()} {_meaning(file)}\n".encode())
    for file in data_files_of([file for file in files if file.parent != PACKAGE]):
        digest.update(f"{file.relative_to(PACKAGE).as_posix()} ".encode() + file.read_bytes())
    return digest.hexdigest()


@cache
def _meaning(file: Path) -> str:
    """SHA-256 of a module's syntax tree without its docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(
            node, clean=False
        ):
            node.body = node.body[1:]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def data_files_of(modules: list[Path]) -> list[Path]:
    """Data files (YAML, JSON, CSV, HTML templates) that lie beside the modules and change what they do."""
    folders = {module.parent for module in modules}
    return sorted(p for folder in folders for p in folder.iterdir() if p.suffix in (".csv", ".html", ".json", ".yaml"))


def paths_named_in(value: Any) -> list[Path]:
    """Files and folders that a parameter's value names, at any depth of its lists and mappings.

    A relative path may start at the project's root, at the workspace, or in the folder where the notebooks run.
    """
    if isinstance(value, Mapping | list):
        parts = value.values() if isinstance(value, Mapping) else value
        return [path for part in parts for path in paths_named_in(part)]
    if not isinstance(value, str) or not value:
        return []
    places = [os.path.join(root, os.path.expanduser(value)) for root in (PROJECT, workspace(), NOTEBOOKS)]
    return list(dict.fromkeys(Path(place).resolve() for place in places if os.path.exists(place)))
