"""Sessions from the command line: how far they are, what was set aside, closed, reopened and withdrawn."""

import json
import re

import pytest

from helpers.errors import ReadingError
from helpers.reading import room
from helpers.reading.readers import main
from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.schema import EVENTS


def test_a_closed_session_is_reopened_and_the_record_has_both_reasons(run, capsys):
    plan, store = room.open_study("tiny")
    desk = Desk(store, plan, "reader-1")
    desk.present()
    assert main(["reopen", "--run", "tiny", "reader-1", "--reason", "why"]) == 2
    assert "only a closed session" in capsys.readouterr().err
    assert main(["close", "--run", "tiny", "reader-1", "--reason", "ill"]) == 0
    with pytest.raises(ReadingError, match="closed"):
        desk.answer(desk.current.trial_id, "s", Answer(0))
    assert main(["reopen", "--run", "tiny", "reader-1", "--reason", "well again"]) == 0
    desk.refresh()
    assert desk.answer(desk.current.trial_id, "s", Answer(0))
    capsys.readouterr()
    assert main(["log", "--run", "tiny"]) == 0
    assert re.search(r"closed +reader-1 +ill.*\n.*reopened +reader-1 +well again", capsys.readouterr().out)


def test_who_has_not_begun_is_closed_only_where_that_is_said(run, capsys):
    plan, store = room.open_study("tiny")
    assert main(["close", "--run", "tiny", "reader-1"]) == 2
    assert "has not begun" in capsys.readouterr().err
    assert main(["close", "--run", "tiny", "--all"]) == 0
    assert "Closed: nobody. Not begun, and left open: reader-1" in capsys.readouterr().out
    assert main(["close", "--run", "tiny", "--all", "--unbegun"]) == 0
    assert "Closed: reader-1. Nobody is left." in capsys.readouterr().out
    assert main(["close", "--run", "tiny"]) == 2 and main(["close", "--run", "tiny", "reader-1", "--all"]) == 2


def test_a_reader_withdraws_and_the_owner_is_told_what_may_hold_the_answers_yet(run, capsys, tmp_path):
    plan, store = room.open_study("tiny")
    main(["add", "--run", "tiny", "reader-1", "--years", "12"])
    desk = Desk(store, plan, "reader-1")
    for number in range(5):
        desk.answer(desk.current.trial_id, f"s{number}", Answer(0))
    for folder in (tmp_path / "out", run.stage_folder("07_reading")):
        main(["export", "--run", "tiny", str(folder)])
    main(["backup", "--run", "tiny", str(tmp_path / "backup.sqlite")])
    capsys.readouterr()
    assert main(["withdraw", "--run", "tiny", "reader-1", "--reason", "asked for it"]) == 0
    said = capsys.readouterr().out
    assert "5 events and the account are deleted" in said and not run.stage_folder("07_reading").exists()
    assert re.findall(r"(export|backup) of \S+: (\S+)", said) == [("export", "out"), ("backup", "backup.sqlite")]
    assert main(["verify", "--run", "tiny", "--anchor", str(tmp_path / "out" / "chains.json")]) == 0
    assert main(["export", "--run", "tiny", str(tmp_path / "again")]) == 2
    assert "nobody's answers count" in capsys.readouterr().err
    assert main(["withdraw", "--run", "tiny", "reader-1", "--reason", "asked for it"]) == 0
    assert "had withdrawn before" in capsys.readouterr().out


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
    assert main(["progress", "--run", "tiny"]) == 0 and "1 stored events are faulty" in capsys.readouterr().out
    assert main(["export", "--run", "tiny", str(tmp_path / "out")]) == 0
    assert "set_aside.csv" in capsys.readouterr().out
