"""The owner's view asks for news, shows what is new, and never whether an answer is right."""

import pandas as pd
import pytest
from matplotlib import pyplot

from helpers.errors import StoreError
from helpers.reading import owner_live
from helpers.reading.owner_live import OwnersView
from helpers.reading.script import joined

ASK = {"do": "look", "knows": True}


@pytest.fixture
def progress() -> pd.DataFrame:
    return pd.DataFrame({"reader": ["reader-1", "<b>"], "answered": [3, 0], "median_seconds": [4.25, None]})


@pytest.fixture
def view(progress, monkeypatch):
    """A view of ``progress``, whose messages are kept in ``sent``."""
    view = OwnersView(lambda: progress.copy(), lambda table: pyplot.figure())
    view.sent = []
    monkeypatch.setattr(view, "send", lambda message, buffers=(): view.sent.append((message, list(buffers))))
    return view


def test_first_it_shows_table_and_figure_with_every_text_escaped(view):
    open_before = pyplot.get_fignums()
    view.receive({"do": "look", "knows": False})
    message, (figure,) = view.sent[0]
    assert message["is"] == "now" and "&lt;b&gt;" in message["html"] and "<b>" not in message["html"]
    assert figure.startswith(b"\x89PNG") and pyplot.get_fignums() == open_before


def test_it_redraws_only_what_is_new(view, progress):
    view.receive(ASK)
    view.receive(ASK)
    progress.loc[0, "answered"] = 4
    view.receive(ASK)
    assert [message["is"] for message, _ in view.sent] == ["now", "same", "now"]
    assert ">4<" in view.sent[-1][0]["html"]


def test_a_page_that_was_reloaded_gets_everything_again(view):
    view.receive(ASK)
    view.receive(ASK | {"knows": False})
    assert [message["is"] for message, _ in view.sent] == ["now", "now"]


def test_a_database_that_cannot_be_read_is_said_and_asked_again(view, monkeypatch):
    def fail():
        raise StoreError("readings.sqlite: cannot be read")

    monkeypatch.setattr(view, "_look", fail)
    view.receive(ASK)
    message, buffers = view.sent[0]
    assert message["is"] == "trouble" and "cannot be read" in message["text"] and not buffers


def test_what_takes_long_is_asked_for_less_often(view, monkeypatch):
    moments = iter([0.0, 0.1, 10.0, 12.0, 20.0, 90.0])
    monkeypatch.setattr(owner_live.time, "monotonic", lambda: next(moments))
    for _ in range(3):
        view.receive(ASK)
    assert [message["next"] for message, _ in view.sent] == [owner_live.SECONDS, 40.0, owner_live.LONGEST]


@pytest.mark.parametrize("message", [None, [], {}, {"do": "open"}])
def test_another_message_is_passed_over(view, message):
    view.receive(message)
    assert view.sent == []


def test_its_script_comes_whole_and_is_not_part_of_the_room():
    assert "class Owner" in OwnersView._esm and "function make" in OwnersView._esm
    assert "class Owner " not in joined("page.js")
