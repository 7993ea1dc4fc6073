"""``python -m helpers.reading.readers``: accounts from the command line; a code is printed when it is made, only."""

import gc
import json
import re

import pandas as pd
import pytest

from helpers.errors import ReadingError
from helpers.files import sha256
from helpers.findings import ORIGINAL
from helpers.reading import room
from helpers.reading.readers import main
from helpers.study.accounts import account_of
from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.schema import EVENTS, LOG
from helpers.tables import PLAN, READINGS, read_table, write_table

FILES = {"readings.csv", "readings.parquet", "codebook.csv", "set_aside.csv", "chains.json"}
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


def test_years_and_subspecialty_are_corrected_and_the_log_has_what_was_there(run, capsys):
    main(["add", "--run", "tiny", "reader-1", "--years", "12", "--subspecialty", "thoracic"])
    assert main(["correct", "--run", "tiny", "reader-1", "--reason", "typing error"]) == 2
    assert main(["correct", "--run", "tiny", "reader-1", "--years", "1200", "--reason", "typing error"]) == 2
    assert main(["correct", "--run", "tiny", "reader-1", "--years", "2", "--reason", " "]) == 2
    capsys.readouterr()
    assert main(["correct", "--run", "tiny", "reader-1", "--years", "2", "--reason", "typing error"]) == 0
    assert "years 2.0, subspecialty thoracic" in capsys.readouterr().out
    assert main(["log", "--run", "tiny"]) == 0
    entry = capsys.readouterr().out.splitlines()[-1]
    assert "corrected" in entry and '"experience_years": 12.0' in entry and "typing error" in entry


def test_a_record_that_was_edited_by_hand_is_not_as_it_was_written(run, capsys, tmp_path):
    plan, store = room.open_study("tiny")
    desk = Desk(store, plan, "reader-1")
    for number in range(5):
        desk.answer(desk.current.trial_id, f"s{number}", Answer(0))
    assert main(["export", "--run", "tiny", str(tmp_path / "out")]) == 0
    anchor = ["--anchor", str(tmp_path / "out" / "chains.json")]
    capsys.readouterr()
    assert main(["verify", "--run", "tiny", *anchor]) == 0
    assert "as it was written: reader-1 5 events, 4 log entries" in capsys.readouterr().out
    with store.writing() as connection:
        connection.execute(EVENTS.update().where(EVENTS.c.sequence == 3).values(at="2026-01-01T00:00:00.000+00:00"))
    assert main(["verify", "--run", "tiny", *anchor]) == 2
    assert "reader reader-1, event 3 (answered): altered" in capsys.readouterr().err


def test_heads_that_are_not_those_of_the_manifest_are_named_when_the_record_is_verified(run, capsys):
    plan, store = room.open_study("tiny")
    folder, desk = run.stage_folder("07_reading"), Desk(store, plan, "reader-1")
    for number in range(5):
        desk.answer(desk.current.trial_id, f"s{number}", Answer(0))
    assert main(["export", "--run", "tiny", str(folder)]) == 0
    manifest = {"parameters": {}, "outputs": {"chains.json": sha256(folder / "chains.json")}}
    run.manifest("07_reading").write_text(json.dumps(manifest))
    assert main(["verify", "--run", "tiny"]) == 0
    (folder / "chains.json").unlink()
    assert main(["verify", "--run", "tiny"]) == 2
    assert "chains.json: not the one that the manifest" in capsys.readouterr().err


def test_a_plan_file_that_was_changed_is_named_when_the_record_is_verified(run, capsys):
    plan, store = room.open_study("tiny")
    write_table(plan.assign(present=1), run.stage_folder("06_study_plan") / "plan.csv", PLAN)
    assert main(["verify", "--run", "tiny"]) == 2
    assert "plan.csv: not the plan" in capsys.readouterr().err


def test_a_sealed_export_is_verified_by_whoever_receives_it(run, capsys, tmp_path, monkeypatch):
    plan, store = room.open_study("tiny")
    desk = Desk(store, plan, "reader-1")
    for number in range(5):
        desk.answer(desk.current.trial_id, f"s{number}", Answer(0))
    file = str(tmp_path / "out.zip")
    assert main(["export", "--run", "tiny", "--sealed", file]) == 0
    said = capsys.readouterr().out
    key = re.search(r"Sealed by the key (\S+);", said)[1]
    assert (run.folder / "private" / "signing_key.pem").stat().st_mode & 0o777 == 0o600
    assert main(["verify", "--run", "tiny", "--anchor", file]) == 0
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path / "elsewhere"))
    capsys.readouterr()
    assert main(["verify", file, "--key", key]) == 0
    said = capsys.readouterr().out
    assert key in said and "5 answers of reader-1" in said and "Run:      tiny" in said
    assert main(["verify", file, "--key", "0000"]) == 2
    assert main(["export", "--run", "tiny"]) == 2


def test_a_backup_is_put_back_and_newer_answers_stay_unless_that_is_said(run, capsys, tmp_path):
    plan, store = room.open_study("tiny")
    desk, file = Desk(store, plan, "reader-1"), str(tmp_path / "backup.sqlite")
    desk.answer(desk.current.trial_id, "s1", Answer(0))
    assert main(["backup", "--run", "tiny", file]) == 0
    assert "1 events of 1 readers" in capsys.readouterr().out
    desk.answer(desk.current.trial_id, "s2", Answer(0))
    assert main(["restore", "--run", "tiny", file]) == 2 and "in use" in capsys.readouterr().err
    store.dispose()
    gc.collect()  # stores of the commands above, which end with their process elsewhere
    assert main(["restore", "--run", "tiny", file]) == 2 and "1 answers" in capsys.readouterr().err
    assert main(["restore", "--run", "tiny", file, "--discard-newer"]) == 0
    assert "readings.before-" in capsys.readouterr().out
    assert len(room.open_study("tiny")[1].events("reader-1")) == 1
    assert main(["verify", "--run", "tiny"]) == 0


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


def test_the_log_has_every_consent_text_that_was_in_force_with_the_digest_that_readers_agree_to(run, capsys):
    plan, store = room.open_study("tiny")
    opened = room.open_room("tiny", "reader-1").conversation
    for words in (None, "One.\n\nTwo\nlines.", "One.\n\nTwo\nlines."):
        if words:
            (run.folder / "consent.en.txt").write_text(words)
        assert main(["progress", "--run", "tiny"]) == 0
    rows = [json.loads(row.payload) for row in store.read(LOG.select().where(LOG.c.kind == "consent"))]
    assert [row["language"] for row in rows] == ["en", "es", "en"] and rows[-1]["text"] == "One.\n\nTwo lines."
    amended = room.open_room("tiny", "reader-1").conversation
    assert [rows[0]["sha256"], rows[2]["sha256"]] == [opened.consent_sha256, amended.consent_sha256]
    capsys.readouterr()
    assert main(["log", "--run", "tiny"]) == 0 and "text: One.??Two lines." in capsys.readouterr().out
