"""``python -m helpers.reading`` refuses in one line what cannot be read, before any server starts."""

import json

import nbformat
import pytest
from traitlets.config import Config
from voila.execute import VoilaExecutor

from helpers.reading import __main__ as command
from helpers.reading.room import open_study
from helpers.runs import PROJECT
from helpers.study.accounts import Account, add_account


def test_an_unknown_reader_is_refused(run, capsys):
    assert command.main(["--run", "tiny", "--reader", "stranger"]) == 2
    assert "cannot be opened: reader 'stranger' is not in the plan" in capsys.readouterr().err


def test_a_run_without_a_plan_is_refused(run, capsys):
    assert command.main(["--run", "other"]) == 2
    assert "has no study plan yet" in capsys.readouterr().err


@pytest.fixture
def became(run, monkeypatch):
    """What the process would become: folder, arguments and environment."""
    became = []
    monkeypatch.setattr(command.os, "chdir", lambda folder: became.append(folder.name))
    monkeypatch.setattr(
        command.os, "execve", lambda program, arguments, environment: became.extend([arguments, environment])
    )
    return became


def test_voila_takes_over_with_the_room_and_the_rest_of_the_arguments(became):
    command.main(["--run", "tiny", "--reader", "guest", "--language", "es", "--port=8123", "--break-every=12"])
    folder, arguments, environment = became
    assert folder == "reading"
    assert arguments[1:] == ["-m", "voila", "room.ipynb", "--Voila.ip=localhost", "--port=8123"]
    assert (environment["HELPERS_READER"], environment["HELPERS_LANGUAGE"]) == ("guest", "es")
    assert environment["HELPERS_BREAK_EVERY"] == "12"


def test_breaks_after_no_cases_are_refused(run, capsys):
    assert command.main(["--run", "tiny", "--reader", "guest", "--break-every", "0"]) == 2
    assert "--break-every 0: must be 1 or more" in capsys.readouterr().err


def test_one_server_for_all_readers_needs_somebody_with_a_code(became, capsys):
    assert command.main(["--run", "tiny"]) == 2
    assert "no reader has an access code in run 'tiny'" in capsys.readouterr().err
    plan, store = open_study("tiny")
    add_account(store, plan, Account("reader-1"))
    command.main(["--run", "tiny", "--ip", "0.0.0.0"])
    _, arguments, environment = became
    assert "--Voila.ip=0.0.0.0" in arguments and environment["HELPERS_READER"] == ""


@pytest.mark.parametrize("address", [["--ip", "0.0.0.0"], ["--ip=192.168.1.7"], ["--Voila.ip=0.0.0.0"]])
def test_without_a_code_the_room_is_for_this_computer_only(became, capsys, address):
    assert command.main(["--run", "tiny", "--reader", "guest", *address]) == 2
    assert became == [] and "cannot be opened" in capsys.readouterr().err


def test_an_unknown_language_is_refused(run):
    with pytest.raises(SystemExit):
        command.main(["--language", "fr"])


def test_a_room_that_comes_late_from_its_kernel_is_waited_for_and_never_left_out_of_the_page():
    # With the default of 4 seconds, some pages stay empty for ever where many readers come at once.
    settings = Config(json.loads((PROJECT / "src" / "helpers" / "reading" / "voila.json").read_text()))
    executor = VoilaExecutor(nbformat.v4.new_notebook(), config=settings)
    assert executor.iopub_timeout >= 300
    assert executor.raise_on_iopub_timeout
