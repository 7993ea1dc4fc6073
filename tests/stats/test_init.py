"""The package by itself: statistics of tables, which know nothing of runs, notebooks or figures."""

import doctest
import importlib
import pkgutil
import subprocess
import sys

import pytest

import helpers.stats
from helpers.runs import PROJECT

MODULES = ["helpers.stats", *(m.name for m in pkgutil.walk_packages(helpers.stats.__path__, "helpers.stats."))]
APART = ("helpers.runs", "helpers.provenance", "torch", "matplotlib", "papermill", "nbformat")
IMPORT_ALL = f"""
import importlib, pkgutil, sys
import helpers.stats
for module in pkgutil.walk_packages(helpers.stats.__path__, "helpers.stats."):
    importlib.import_module(module.name)
print(*(name for name in {APART} if name in sys.modules))
"""


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


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_every_module_run(name):
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert failed == 0


def test_the_example_of_the_page_on_statistics_runs(monkeypatch):
    monkeypatch.chdir(PROJECT)
    page = str(PROJECT / "docs" / "statistics.md")
    failed, tried = doctest.testfile(page, module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert failed == 0 and tried > 5
