"""``python -m helpers.reading`` refuses in one line what cannot be read, before any server starts."""

import pytest

from helpers.reading import __main__ as command


def test_an_unknown_reader_is_refused(run, capsys):
    assert command.main(["--run", "tiny", "--reader", "stranger"]) == 2
    assert "cannot be opened: reader 'stranger' is not in the plan" in capsys.readouterr().err


def test_a_run_without_a_plan_is_refused(run, capsys):
    assert command.main(["--run", "other"]) == 2
    assert "has no study plan yet" in capsys.readouterr().err


def test_voila_takes_over_with_the_room_and_the_rest_of_the_arguments(run, monkeypatch):
    became = []
    monkeypatch.setattr(command.os, "chdir", lambda folder: became.append(folder.name))
    monkeypatch.setattr(
        command.os, "execve", lambda program, arguments, environment: became.extend([arguments, environment])
    )
    command.main(["--run", "tiny", "--language", "es", "--port=8123"])
    folder, arguments, environment = became
    assert folder == "reading" and arguments[1:] == ["-m", "voila", "room.ipynb", "--port=8123"]
    assert (environment["HELPERS_READER"], environment["HELPERS_LANGUAGE"]) == ("guest", "es")


def test_an_unknown_language_is_refused(run):
    with pytest.raises(SystemExit):
        command.main(["--language", "fr"])
