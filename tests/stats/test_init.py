"""The package by itself: statistics of tables, which know nothing of runs, notebooks or figures."""

import inspect
import subprocess
import sys

import pytest

import helpers.stats
from helpers.stats import agreement, equivalence, mrmc, power, proportions

APART = ("helpers.runs", "helpers.provenance", "torch", "matplotlib", "papermill", "nbformat")
IMPORT_ALL = f"""
import importlib, pkgutil, sys
import helpers.stats
for module in pkgutil.walk_packages(helpers.stats.__path__, "helpers.stats."):
    importlib.import_module(module.name)
print(*(name for name in {APART} if name in sys.modules))
"""


def _of_package(package) -> dict:
    """Public functions that a package exports, by name."""
    exported = {name: getattr(package, name) for name in package.__all__}
    return {name: item for name, item in exported.items() if inspect.isfunction(item)}


def _of_module(module) -> dict:
    """Public functions that a module defines, by name."""
    own = inspect.getmembers(module, lambda item: inspect.isfunction(item) and item.__module__ == module.__name__)
    return {name: item for name, item in own if not name.startswith("_")}


EXEMPLARY = [
    *((helpers.stats, name, item) for name, item in _of_package(helpers.stats).items()),
    *((mrmc, name, item) for name, item in _of_package(mrmc).items()),
    *((m, name, item) for m in (agreement, proportions, equivalence, power) for name, item in _of_module(m).items()),
]


def test_importing_every_module_loads_nothing_of_runs_notebooks_figures_or_training():
    done = subprocess.run([sys.executable, "-c", IMPORT_ALL], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_importing_the_package_and_one_function_loads_nothing_but_what_it_needs():
    code = f"import sys; from helpers.stats import load, auc; print(*(n for n in {APART} if n in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_every_name_of_the_package_can_be_had():
    assert all(callable(getattr(helpers.stats, name)) for name in helpers.stats.__all__)
    with pytest.raises(AttributeError, match="no attribute 'mean'"):
        _ = helpers.stats.mean


@pytest.mark.parametrize(("place", "name", "item"), EXEMPLARY, ids=lambda value: getattr(value, "__name__", value))
def test_the_main_functions_have_an_example(place, name, item):
    assert ">>>" in inspect.getdoc(item), f"{place.__name__}.{name} has no example"
