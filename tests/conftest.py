"""Fixtures for every test: a workspace of its own, and small threads for small work."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import settings

from helpers import dependencies

pytest_plugins = ["peak_memory", "simulated_readings"]

# A slow or busy machine is no failure of what is tested. Under CI the same examples are tried every time, so that a
# change is judged by what it changes; elsewhere new ones are looked for.
settings.register_profile("any-machine", deadline=None, max_examples=50)
settings.register_profile("ci", settings.get_profile("any-machine"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "any-machine")


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """An empty folder that takes the place of the project's ``data/`` and ``figures/``."""
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path))
    return tmp_path


@pytest.fixture
def shown(monkeypatch) -> list:
    """What a notebook would show through its ``Results``, in order."""
    everything = []
    monkeypatch.setattr("helpers.results.display", everything.append)
    return everything


@pytest.fixture
def edit(monkeypatch):
    """A function that edits a module (``cohort/folder.py``), as far as ``code_of`` can see."""

    def edit(name):
        before = dependencies._meaning
        file = dependencies.PACKAGE / name
        assert file.is_file()
        monkeypatch.setattr(dependencies, "_meaning", lambda asked: "edited" if asked == file else before(asked))

    return edit


SLOW = ("chain", "browser")  # folders of tests that run last, in this order
LONGEST = ("test_study_on_slurm.py", "test_interrupted_study.py", "test_sweep.py")  # files


def pytest_collection_modifyitems(config, items):
    """Fast tests first: what is broken shows within seconds.

    Where processes share the work, a file at a time, they begin with the longest: begun last, it would run on alone.
    """
    shared = hasattr(config, "workerinput")
    items.sort(key=lambda i: [not (shared and i.path.name in LONGEST), *(name in i.path.parts for name in SLOW)])
