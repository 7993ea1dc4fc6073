"""A study that is killed, or whose disk is full or damaged: the same command makes what it would have made."""

import pytest
from faults_of_stages import FinishedStudy
from interruptions import begun, made
from patience import kill, wait_for
from random_faults import DAMAGE, FULL, Disk, needed
from small_study import start, study

pytestmark = pytest.mark.chain


def test_a_training_that_is_killed_goes_on_as_if_it_had_not_been(finished, folder):
    stage, run = "03_train_diffusion", begun(finished, "killed-in-training", until="03_train_diffusion")
    process = start(folder, run.name, until=stage)
    wait_for((run.stage_folder(stage) / "log.csv").exists, process, folder)
    kill(process)
    study(folder, run.name, until=stage)
    assert made(run, stage) == made(finished, stage)


def test_a_reading_that_is_killed_goes_on_as_if_it_had_not_been(finished, folder):
    stage, run = "07_reading", begun(finished, "killed-in-reading", until="07_reading")
    process = start(folder, run.name, until=stage)
    wait_for(lambda: run.database.exists() and run.database.stat().st_size > 0, process, folder)
    kill(process)
    study(folder, run.name, until=stage)
    assert made(run, stage) == made(finished, stage)


def test_a_full_disk_and_a_damaged_file_are_made_good_by_the_same_command(finished, folder, tmp_path, monkeypatch):
    needed()
    monkeypatch.setenv("HELPERS_WORKSPACE", str(folder))  # the study sets it, and this puts it back
    with Disk(tmp_path / "disk") as disk:
        study_on_disk = FinishedStudy(folder, disk, tmp_path / "words")
        outcomes = [study_on_disk.disturb(seed, ("08_realism_choice",)) for seed in (3, 6)]
    assert {outcome.fault for outcome in outcomes} == {FULL, DAMAGE}
    assert {outcome.afterwards for outcome in outcomes} == {"equal"}, outcomes
