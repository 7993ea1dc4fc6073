"""The whole study on tiny parameters, through Snakemake and papermill, as ``make study`` runs it."""

import json
import os
import shutil
import signal
import subprocess
import time

import nbformat
import pytest
import yaml
from faults_of_stages import FinishedStudy
from one_node_cluster import jobs, one_node_cluster, told
from random_faults import DAMAGE, FULL, Disk, needed
from small_study import TEST_PARAMS, start, study

from helpers.report_text import CAPTIONS
from helpers.runs import PROJECT, STAGES, Run

pytestmark = pytest.mark.chain

SLURM = (
    "--profile", str(PROJECT / "profiles" / "slurm"), "--slurm-status-command", "squeue",
    "--slurm-init-seconds-before-status-checks", "1", "--latency-wait", "5",
)  # fmt: skip


def manifests(run: Run) -> dict[str, bytes]:
    return {stage: run.manifest(stage).read_bytes() for stage in STAGES}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        path = tmp_path_factory.mktemp("study")
        patch.setenv("HELPERS_WORKSPACE", str(path))
        yield path


@pytest.fixture(scope="module")
def finished(folder):
    said = study(folder, "first")
    return Run("first"), said


def test_one_command_makes_the_report_the_numbers_and_every_notebook(finished):
    run, said = finished
    page = run.report.read_text()
    assert "simulated" in page and "phantom" in page
    assert page.count("data:image/png;base64,") > 15
    found = numbers(run)
    for name in (
        "realism.gan.accuracy", "realism.diffusion.accuracy.readers_like_these",
        "realism.difference.gan_minus_diffusion", "conditionality.real.auc", "conditionality.gan.auc.lung_opacity",
        "agreement.conditionality.krippendorff_alpha.all", "metrics.gan.frechet_distance",
        "metrics.real.frechet_distance", "realism_choice.realism_choice_3.gan.accuracy",
    ):  # fmt: skip
        assert found[name]["n"] > 0, name
    for stage in STAGES:
        assert (run.notebooks / f"{stage}.ipynb").is_file()
        assert f"done {stage}" in said


def test_every_figure_of_a_stage_with_captions_has_one_in_the_report(finished):
    run, _ = finished
    named = {f"{stage}_{name}" for stage in CAPTIONS for name in CAPTIONS[stage]}
    without = {path.stem for path in run.figures.rglob("*.png")} - named
    assert all(stem.startswith(tuple(set(STAGES) - set(CAPTIONS))) for stem in without)


def test_executed_notebooks_hold_no_error_and_no_widget_state(finished):
    for stage in STAGES:
        notebook = nbformat.read(str(finished[0].notebooks / f"{stage}.ipynb"), as_version=4)
        assert "widgets" not in notebook.metadata
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        assert not [output for output in outputs if output.output_type == "error"]


def test_a_second_run_re_executes_nothing(finished, folder):
    before = manifests(finished[0])
    assert "> " not in study(folder, "first")
    assert manifests(finished[0]) == before


def wait_for(condition, process: subprocess.Popen, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, "the study ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.05)


def kill(process: subprocess.Popen) -> None:
    """SIGKILL the whole process group, then reap it; kernels end with the chain that started them."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def made(run: Run, stage: str) -> dict[str, bytes]:
    """What a stage made, without what tells when and how long: the manifest, and the heads of the record."""
    when = ("manifest.json", "chains.json")
    files = [path for path in run.stage_folder(stage).rglob("*") if path.is_file() and path.name not in when]
    return {str(path.relative_to(run.folder)): path.read_bytes() for path in files}


def numbers(run: Run) -> dict:
    """Every number of a run."""
    return json.loads(run.results.read_text())["numbers"]


def begun(finished: Run, name: str, until: str) -> Run:
    """A run in the same place whose stages before one of them are those of a finished one."""
    run = Run(name)
    for stage in list(STAGES)[: list(STAGES).index(until)]:
        shutil.copytree(finished.stage_folder(stage), run.stage_folder(stage), dirs_exist_ok=True)
        run.notebooks.mkdir(exist_ok=True)
        shutil.copy2(finished.notebooks / f"{stage}.ipynb", run.notebooks)
    shutil.copy2(finished.findings, run.findings)
    return run


def test_a_study_killed_in_training_and_in_reading_goes_on_as_if_it_had_not_been(finished, folder):
    run = begun(finished[0], "killed", until="03_train_diffusion")
    process = start(folder, "killed", until="07_reading")
    wait_for((run.stage_folder("03_train_diffusion") / "log.csv").exists, process)
    kill(process)
    process = start(folder, "killed", until="07_reading")
    wait_for(lambda: run.database.exists() and run.database.stat().st_size > 0, process)
    kill(process)
    study(folder, "killed", until="07_reading")
    for stage in ("04_sample", "06_study_plan", "07_reading"):
        assert made(run, stage) == made(finished[0], stage), stage


def test_a_full_disk_and_a_damaged_file_are_made_good_by_the_same_command(finished, folder, tmp_path, monkeypatch):
    needed()
    monkeypatch.setenv("HELPERS_WORKSPACE", str(folder))  # the study sets it, and this puts it back
    with Disk(tmp_path / "disk") as disk:
        study_on_disk = FinishedStudy(folder, disk, tmp_path / "words")
        outcomes = [study_on_disk.disturb(seed, ("08_realism_choice",)) for seed in (3, 6)]
    assert {outcome.fault for outcome in outcomes} == {FULL, DAMAGE}
    assert {outcome.afterwards for outcome in outcomes} == {"equal"}, outcomes


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
    run, patience = begun(finished[0], "slurm", until="07_reading"), 900
    process = start(folder, "slurm", until="08_realism", profile=SLURM)
    wait_for(lambda: "07_reading" in running(), process, patience)
    told("scancel", job_of("07_reading"))
    said, _ = process.communicate(timeout=patience)
    assert process.returncode != 0 and "Error in rule stage_07_reading" in said and "CANCELLED" in said
    process = start(folder, "slurm", until="08_realism", profile=SLURM)
    wait_for(lambda: run.database.exists() and run.database.stat().st_size > 0, process, patience)
    told("scontrol", "requeue", requeued := job_of("07_reading"))
    said, _ = process.communicate(timeout=patience)
    assert process.returncode == 0, said
    assert "Restarts=1" in told("scontrol", "show", "job", requeued)
    for stage in ("07_reading", "08_realism"):
        assert made(run, stage) == made(finished[0], stage), stage


# The last two change the finished study that the others compare with.


def test_a_changed_statistics_parameter_re_executes_only_what_lies_behind_it(finished, folder):
    sections = yaml.safe_load(TEST_PARAMS.read_text())
    sections["10_agreement_cues"]["resamples"] += 1
    params = folder / "changed.yaml"
    params.write_text(yaml.safe_dump(sections))
    before = manifests(finished[0])
    study(folder, "first", params)
    after = manifests(finished[0])
    assert {stage for stage in STAGES if before[stage] != after[stage]} == {"10_agreement_cues", "12_report"}


def test_a_failing_stage_says_where_and_the_study_exits_with_an_error(finished, folder):
    sections = yaml.safe_load(TEST_PARAMS.read_text())
    sections["06_study_plan"]["pairs_per_cell"] = 999
    params = folder / "greedy.yaml"
    params.write_text(yaml.safe_dump(sections))
    process = start(folder, "first", params)
    said, _ = process.communicate(timeout=300)
    assert process.returncode != 0
    assert "06_study_plan.ipynb, cell" in said and "PlanError" in said and "999" in said
    assert not finished[0].manifest("06_study_plan").exists()
