"""Examples in the docstrings of the package show what they print."""

import doctest
import importlib
import pkgutil

import pytest

from helpers.stats import mixed

MODULES = [module.name for module in pkgutil.iter_modules(mixed.__path__, "helpers.stats.mixed.")]
SHOWN = {"clmm", "contrasts", "formula", "glmm", "marginal", "profile", "results", "robust", "to_r"}


@pytest.mark.parametrize("name", MODULES)
def test_examples_print_what_they_show(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.failed == 0
    assert (found.attempted > 0) == (name.rpartition(".")[2] in SHOWN)
