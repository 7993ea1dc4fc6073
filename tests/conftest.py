"""Fixtures for every test: a workspace of its own, and small threads for small work."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """An empty folder that takes the place of the project's ``data/`` and ``figures/``."""
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path))
    return tmp_path
