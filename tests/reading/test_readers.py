"""``python -m helpers.reading.readers``: accounts from the command line; a code is printed when it is made, only."""

import json
import re

import pandas as pd
import pytest

from helpers.errors import ReadingError
from helpers.findings import ORIGINAL
from helpers.reading import room
from helpers.reading.readers import main
from helpers.study.accounts import account_of
from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.schema import EVENTS
from helpers.tables import READINGS, read_table, write_table

FILES = {"readings.csv", "readings.parquet", "codebook.csv", "set_aside.csv"}
CODE = re.compile(r"[2-9A-HJKMNP-Z]{4}(?:-[2-9A-HJKMNP-Z]{4}){3}")


def code_of(capsys) -> str:
    return CODE.search(capsys.readouterr().out)[0]


def test_a_reader_is_added_listed_and_admitted(run, capsys):
    options = ["--years", "12", "--subspecialty", "thoracic", "--language", "es"]
    assert main(["add", "--run", "tiny", "reader-1", *options]) == 0
    code = code_of(capsys)
    assert main(["list", "--run", "tiny"]) == 0
    listed = capsys.readouterr().out
    assert not CODE.search(listed) and all(word in listed for word in ("reader-1", "12", "thoracic", "es"))
    admitted = account_of(room.open_study("tiny")[1], code)
    assert (admitted.reader, admitted.language) == ("reader-1", "es")


def test_a_new_code_admits_and_the_old_one_no_longer_does(run, capsys):
    main(["add", "--run", "tiny", "reader-1"])
    old = code_of(capsys)
    assert main(["new-code", "--run", "tiny", "reader-1"]) == 0
    store = room.open_study("tiny")[1]
    assert account_of(store, code_of(capsys)).reader == "reader-1"
    with pytest.raises(ReadingError, match="not known"):
        account_of(store, old)


def test_progress_is_told_a_session_closed_and_the_readings_exported(run, capsys, tmp_path):
    plan, store = room.open_study("tiny")
    desk = Desk(store, plan, "reader-1")
    desk.answer(desk.current.trial_id, "s", Answer(0, active_ms=3000))
    assert main(["progress", "--run", "tiny"]) == 0
    assert re.search(r"reader-1 +human +1 +5 +3.0 .*reading", capsys.readouterr().out)
    for word in ("is closed", "was closed before"):
        assert main(["close", "--run", "tiny", "reader-1"]) == 0 and word in capsys.readouterr().out
    assert main(["export", "--run", "tiny", str(tmp_path / "out")]) == 2
    assert "nobody's answers count yet" in capsys.readouterr().err


def test_an_export_leaves_the_guest_and_the_unfinished_out_and_tells_what_is_known_of_phantoms(run, capsys, tmp_path):
    plan, store = room.open_study("tiny")
    for reader, count in (("reader-1", 5), ("guest", 5)):
        desk = Desk(store, plan, reader)
        for number in range(count):
            desk.answer(desk.current.trial_id, f"s{number}", Answer(0))
    images = sorted(set(plan.images.str.split("|").explode()))
    truth = pd.DataFrame({"image_id": images, "ctr": 0.5} | {f"severity_{name}": 0.25 for name in ORIGINAL.names})
    write_table(truth, run.stage_folder("01_cohort") / "phantom_truth.csv")
    assert main(["export", "--run", "tiny", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "out: 5 of reader-1" in said and "count_readers: finished" in said
    assert {file.name for file in (tmp_path / "out").iterdir()} == FILES
    readings = read_table(tmp_path / "out" / "readings.csv", READINGS)
    assert set(readings.reader) == {"reader-1"} and (readings.severity.notna() == (readings.source == "real")).all()


def test_what_was_set_aside_is_listed_and_stops_nobody(run, capsys, tmp_path):
    plan, store = room.open_study("tiny")
    desk = Desk(store, plan, "reader-1")
    for number in range(5):
        desk.answer(desk.current.trial_id, f"s{number}", Answer(0))
    desk = Desk(store, plan, "guest")
    desk.answer(desk.current.trial_id, "s", Answer(1, "other", "half an emoji"))
    poison = EVENTS.update().where(EVENTS.c.reader == "guest")
    with store.writing() as connection:
        payload = {"rating": 1, "cue": "other", "cue_text": "half \ud83d"}
        connection.execute(poison.values(payload=json.dumps(payload)))
    assert main(["set-aside", "--run", "tiny"]) == 0 and "the note, not the answer" in capsys.readouterr().out
    assert main(["progress", "--run", "tiny"]) == 0 and "1 stored events are not sound" in capsys.readouterr().out
    assert main(["export", "--run", "tiny", str(tmp_path / "out")]) == 0
    assert "set_aside.csv" in capsys.readouterr().out


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
