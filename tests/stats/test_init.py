"""The package by itself: statistics of tables, which know nothing of runs, notebooks or figures."""

import subprocess
import sys

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
