"""Examples in docstrings and on pages print what they show."""

import doctest
import importlib

import pytest

from helpers.runs import PROJECT

SOURCE = PROJECT / "src"
SHOWN = sorted(file for file in SOURCE.rglob("*.py") if ">>>" in file.read_text(encoding="utf-8"))
FEWEST = {"helpers.stats": 40, "helpers.stats.mixed": 9}  # modules with examples, at least


def _name(file) -> str:
    return ".".join(file.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("name", map(_name, SHOWN))
def test_the_examples_of_a_module_run(name):
    failed, tried = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert failed == 0 and tried > 0


@pytest.mark.parametrize(("package", "fewest"), FEWEST.items())
def test_statistics_are_shown_by_examples(package, fewest):
    assert sum(_name(file).startswith(f"{package}.") for file in SHOWN) >= fewest


def test_the_example_of_the_page_on_statistics_runs(monkeypatch):
    monkeypatch.chdir(PROJECT)
    page = str(PROJECT / "docs" / "statistics.md")
    failed, tried = doctest.testfile(page, module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert failed == 0 and tried > 5
