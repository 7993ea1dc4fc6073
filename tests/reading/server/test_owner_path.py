"""An owner's whole path with three people and a fourth who joins, by the real commands and a server that runs on."""

import zipfile

import pandas as pd
import pytest
from made_up_run import make_run

from helpers.findings import ORIGINAL
from helpers.reading.readers import main
from helpers.reading.room import open_study
from helpers.study.display import image_paths, write_display
from helpers.study.extension import PARAMS, plan_of_run
from helpers.study.settings import GUEST, PlanSettings
from helpers.tables import PLAN, READINGS, SAMPLES, cohort_schema, read_table, write_table

THREE = ("reader-1", "reader-2", "reader-3")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run ``tiny``, whose plan has three readers; its params file says that people read."""
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path))
    params = tmp_path / "params.yaml"
    params.write_text("07_reading:\n  database: ''\n  readers_are: human\n")
    monkeypatch.setenv(PARAMS, str(params))
    run = make_run(readings=False)
    (run.stage_folder("06_study_plan") / "plan.csv").unlink()
    plan_for(run, THREE)
    return run


def plan_for(run, readers: tuple[str, ...]) -> pd.DataFrame:
    """The plan as notebook 06 makes or extends it."""
    folder = run.stage_folder("06_study_plan")
    cohort = read_table(run.stage_folder("01_cohort") / "cohort.csv", cohort_schema(ORIGINAL))
    samples = read_table(run.stage_folder("04_sample") / "samples.csv", SAMPLES)
    settings = PlanSettings((*readers, GUEST), 1, pairs_per_cell=1, conditionality_per_cell=1, practice_per_task=1)
    plan = plan_of_run(run, cohort, samples, settings, ORIGINAL)
    write_table(plan.trials, folder / "plan.csv", PLAN)
    write_table(plan.cells, folder / "cells.csv")
    write_display(plan, image_paths(cohort, samples, run.folder), 32, folder)
    return plan.trials


def read(server, code: str, count: int | None = None) -> int:
    """Answer so many cases, or all that are left, on a websocket; returns how many are answered then."""
    with server.page(server.enter(code)[1]) as page:
        turn = page.begin()
        while turn["trial"] and count != 0:
            turn = page.answer(turn["trial"], turn["trial"])
            count = count and count - 1
        return turn["answered"]


def test_the_numbers_follow_from_the_first_account_to_the_sealed_export(run, serving, capsys, tmp_path):
    def told(*words: str) -> str:
        state = main([words[0], "--run", "tiny", *words[1:]])
        said = capsys.readouterr()
        assert state == 0, said.err
        return said.out

    def progress() -> dict[str, tuple[str, ...]]:
        """State and answers of each reader, as the command prints them."""
        rows = [line.split() for line in told("progress").splitlines() if line.strip().startswith("reader-")]
        return {row[0]: tuple(row[1:]) for row in rows}

    def study_again() -> dict[str, int]:
        """Answers of each reader in the table that notebook 07 writes."""
        folder = run.stage_folder("07_reading")
        told("export", str(folder), "--count-readers", "all")
        return read_table(folder / "readings.csv", READINGS).reader.value_counts().to_dict()

    codes = {reader: told("add", reader).split(": ")[1].split("\n")[0] for reader in THREE}
    before = open_study("tiny")[0]
    total = int((before.reader == "reader-1").sum())
    server = serving()
    assert read(server, codes["reader-1"]) == total
    assert read(server, codes["reader-2"], count=6) == 6
    seen = progress()
    assert seen["reader-1"][:2] == ("human", str(total)) and "finished" in seen["reader-1"]
    assert seen["reader-2"][:2] == ("human", "6") and "reading" in seen["reader-2"] and "begun" in seen["reader-3"]
    assert study_again() == {"reader-1": total, "reader-2": 6}

    read(server, codes["reader-2"], count=3)
    read(server, codes["reader-3"], count=8)
    assert study_again() == {"reader-1": total, "reader-2": 9, "reader-3": 8}

    after = plan_for(run, (*THREE, "reader-4"))
    pd.testing.assert_frame_equal(after[after.reader.isin(THREE)].reset_index(drop=True),
                                  before[before.reader.isin(THREE)].reset_index(drop=True))  # fmt: skip
    codes["reader-4"] = told("add", "reader-4").split(": ")[1].split("\n")[0]
    assert read(server, codes["reader-4"]) == total, "the server that runs has taken in the plan"
    assert read(server, codes["reader-3"], count=1) == 9, "who reads goes on"
    assert study_again() == {"reader-1": total, "reader-2": 9, "reader-3": 9, "reader-4": total}

    said = told("withdraw", "reader-2", "--reason", "asked for it")
    assert "reader-2 has withdrawn" in said and not run.stage_folder("07_reading").exists()
    assert server.enter(codes["reader-2"])[0] == 403 and "withdrawn" in progress()["reader-2"]
    assert study_again() == {"reader-1": total, "reader-3": 9, "reader-4": total}

    told("close", "--all")
    assert "closed" in progress()["reader-3"]
    file = tmp_path / "sealed.zip"
    assert f"{2 * total} of reader-1, reader-4" in told("export", "--sealed", str(file)), "who has finished counts"
    assert f"{2 * total} answers of reader-1, reader-4" in told("verify", str(file))
    with zipfile.ZipFile(file) as sealed:
        assert b"reader-2" not in sealed.read("readings.csv")
    assert told("verify").startswith("The record of tiny is as it was written")
