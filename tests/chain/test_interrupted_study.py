"""A study that is killed, or whose disk is full or damaged: the same command makes what it would have made."""

import pytest
from faults_of_stages import FinishedStudy
from interruptions import begun, kill, made, wait_for
from random_faults import DAMAGE, FULL, Disk, needed
from small_study import start, study

pytestmark = pytest.mark.chain


def test_a_study_killed_in_training_and_in_reading_goes_on_as_if_it_had_not_been(finished, folder):
    run = begun(finished, "killed", until="03_train_diffusion")
    process = start(folder, "killed", until="07_reading")
    wait_for((run.stage_folder("03_train_diffusion") / "log.csv").exists, process)
    kill(process)
    process = start(folder, "killed", until="07_reading")
    wait_for(lambda: run.database.exists() and run.database.stat().st_size > 0, process)
    kill(process)
    study(folder, "killed", until="07_reading")
    for stage in ("04_sample", "06_study_plan", "07_reading"):
        assert made(run, stage) == made(finished, stage), stage


def test_a_full_disk_and_a_damaged_file_are_made_good_by_the_same_command(finished, folder, tmp_path, monkeypatch):
    needed()
    monkeypatch.setenv("HELPERS_WORKSPACE", str(folder))  # the study sets it, and this puts it back
    with Disk(tmp_path / "disk") as disk:
        study_on_disk = FinishedStudy(folder, disk, tmp_path / "words")
        outcomes = [study_on_disk.disturb(seed, ("08_realism_choice",)) for seed in (3, 6)]
    assert {outcome.fault for outcome in outcomes} == {FULL, DAMAGE}
    assert {outcome.afterwards for outcome in outcomes} == {"equal"}, outcomes
