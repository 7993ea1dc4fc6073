"""The record from the command line: exported, verified, backed up and put back."""

import gc
import json
import re

import pandas as pd

from helpers.files import sha256
from helpers.findings import ORIGINAL
from helpers.reading import room
from helpers.reading.readers import main
from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.schema import EVENTS
from helpers.tables import PLAN, READINGS, read_table, write_table

FILES = {"readings.csv", "readings.parquet", "codebook.csv", "set_aside.csv", "chains.json"}


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
    key = re.search(r"Sealed with key (\S+);", said)[1]
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
