"""The study on a cluster of one node."""

from pathlib import Path

import pytest
from interruptions import begun, made
from one_node_cluster import jobs, one_node_cluster, told
from patience import told_by, wait_for
from small_study import start

from helpers.generators.cell_images import part_folder
from helpers.pixels import INDEX, ImageStore
from helpers.runs import PROJECT

pytestmark = pytest.mark.chain

SLURM = (
    "--profile", str(PROJECT / "profiles" / "slurm"), "--slurm-status-command", "squeue",
    "--slurm-init-seconds-before-status-checks", "1", "--latency-wait", "5",
)  # fmt: skip


@pytest.fixture
def cluster(tmp_path_factory):
    with one_node_cluster(tmp_path_factory.mktemp("cluster")):
        yield


def job_of(stage: str) -> str:
    """The number of a stage's job that is running, or was the last to."""
    return max((job for job, rule in map(str.split, jobs("%i %k")) if rule == f"rule_stage_{stage}"), key=int)


def running() -> list[str]:
    """Stages whose job is at work."""
    return [rule.removeprefix("rule_stage_") for state, rule in map(str.split, jobs("%T %k")) if state == "RUNNING"]


def test_slurm_makes_the_same_numbers_though_it_cancels_one_job_and_requeues_another(finished, folder, cluster):
    run = begun(finished, "slurm", until="07_reading")
    process = start(folder, "slurm", until="08_realism", profile=SLURM)
    wait_for(lambda: "07_reading" in running(), process, folder)
    told("scancel", job_of("07_reading"))
    said = told_by(process, folder)
    assert process.returncode != 0 and "Error in rule stage_07_reading" in said and "CANCELLED" in said
    process = start(folder, "slurm", until="08_realism", profile=SLURM)
    wait_for(lambda: run.database.exists() and run.database.stat().st_size > 0, process, folder)
    told("scontrol", "requeue", requeued := job_of("07_reading"))
    said = told_by(process, folder)
    assert process.returncode == 0, said
    assert "Restarts=1" in told("scontrol", "show", "job", requeued)
    for stage in ("07_reading", "08_realism"):
        assert made(run, stage) == made(finished, stage), stage


def digests(folder: Path) -> dict[str, str]:
    """By image_id, of pixels that are as they were noted."""
    store = ImageStore(folder)
    assert store.damaged() == []
    return {name: record["sha256"] for name, record in store.records().items()}


def test_the_images_of_a_cell_drawn_by_a_job_of_its_own_are_those_of_one_machine(finished, folder, cluster):
    run = begun(finished, "scattered", until="04_sample")
    part = part_folder(run, "gan", "atelectasis_present")
    process = start(folder, "scattered", profile=SLURM, files=[part / INDEX])
    said = told_by(process, folder)
    assert process.returncode == 0, said
    assert "rule_part_of_04_sample_wildcards_gan_atelectasis_present COMPLETED" in jobs("%k %T")
    drawn = digests(part)
    assert len(drawn) == 6 and drawn.items() <= digests(finished.stage_folder("04_sample") / "gan").items()
