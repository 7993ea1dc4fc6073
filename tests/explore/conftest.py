"""A made-up run to look at, and a view whose messages are kept in a list."""

import pytest
from made_up_run import make_run

from helpers.explore.material import Material


@pytest.fixture(scope="module")
def made_up(tmp_path_factory):
    """Run ``tiny`` for the tests of a module that only look."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELPERS_WORKSPACE", str(tmp_path_factory.mktemp("workspace")))
        yield make_run()


@pytest.fixture
def material(made_up) -> Material:
    return Material("tiny")


@pytest.fixture
def listen(monkeypatch):
    """A function: keep what a view sends, as (message, buffers)."""

    def keep(view) -> list:
        sent = []
        monkeypatch.setattr(view, "send", lambda message, buffers=(): sent.append((message, list(buffers or ()))))
        return sent

    return keep
