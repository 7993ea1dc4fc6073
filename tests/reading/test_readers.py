"""``python -m helpers.reading.readers``: accounts from the command line; a code is printed when it is made, only."""

import re

import pytest

from helpers.errors import ReadingError
from helpers.reading import room
from helpers.reading.readers import main
from helpers.study.answer import Answer
from helpers.study.desk import Desk

CODE = re.compile(r"[2-9A-HJKMNP-Z]{4}(?:-[2-9A-HJKMNP-Z]{4}){3}")


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    monkeypatch.setattr(room, "WRONG_CODE_SECONDS", 0)


def code_of(capsys) -> str:
    return CODE.search(capsys.readouterr().out)[0]


def test_a_reader_is_added_listed_and_admitted(run, capsys):
    options = ["--years", "12", "--subspecialty", "thoracic", "--language", "es"]
    assert main(["add", "--run", "tiny", "reader-1", *options]) == 0
    code = code_of(capsys)
    assert main(["list", "--run", "tiny"]) == 0
    listed = capsys.readouterr().out
    assert not CODE.search(listed) and all(word in listed for word in ("reader-1", "12", "thoracic", "es"))
    admitted = room.admission("tiny")(code)
    assert (admitted.desk.reader, admitted.texts["language"]) == ("reader-1", "es")


def test_a_new_code_admits_and_the_old_one_no_longer_does(run, capsys):
    main(["add", "--run", "tiny", "reader-1"])
    old = code_of(capsys)
    assert main(["new-code", "--run", "tiny", "reader-1"]) == 0
    admit = room.admission("tiny")
    assert admit(code_of(capsys)).desk.reader == "reader-1"
    with pytest.raises(ReadingError, match="not known"):
        admit(old)


def test_a_wrong_code_costs_time(run, monkeypatch):
    waited = []
    monkeypatch.setattr(room, "WRONG_CODE_SECONDS", 1.0)
    monkeypatch.setattr(room.time, "sleep", waited.append)
    with pytest.raises(ReadingError):
        room.admission("tiny")("AAAA-BBBB-CCCC-DDDD")
    assert waited == [1.0]


def test_progress_is_told_a_session_closed_and_the_readings_exported(run, capsys, tmp_path):
    plan, store = room.open_study("tiny")
    desk = Desk(store, plan, "reader-1")
    desk.answer(desk.current.trial_id, "s", Answer(0, active_ms=3000))
    assert main(["progress", "--run", "tiny"]) == 0
    assert re.search(r"reader-1 +human +1 +5 +3.0 .*reading", capsys.readouterr().out)
    for word in ("is closed", "was closed before"):
        assert main(["close", "--run", "tiny", "reader-1"]) == 0 and word in capsys.readouterr().out
    assert main(["export", "--run", "tiny", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.strip().endswith("out: 1")
    for name in ("readings.csv", "readings.parquet", "codebook.csv"):
        assert (tmp_path / "out" / name).is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "--run", "tiny", "stranger"], "'stranger' is not in the plan"),
        (["add", "--run", "tiny", "reader-1", "--years", "-3"], "years"),
        (["new-code", "--run", "tiny", "reader-1"], "has no account"),
        (["list", "--run", "other"], "has no study plan yet"),
        (["close", "--run", "tiny", "stranger"], "'stranger' is not in the plan"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(run, capsys, arguments, said):
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


def test_no_accounts_is_said(run, capsys):
    assert main(["list", "--run", "tiny"]) == 0
    assert "No accounts yet" in capsys.readouterr().out
