"""What makes Snakemake run a stage again: the real Snakefile, with a stand-in for the notebooks."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from helpers.findings import ORIGINAL
from helpers.runs import PROJECT, Run, stages_with
from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.store import Store
from helpers.tables import PLAN

# Python starts with this: where it is asked to run a stage, it writes what the stage leaves behind, and ends.
STAND_IN = """
import os, sys
if "helpers.chain" in sys.orig_argv:
    from helpers.runs import Run
    stage, run = sys.orig_argv[3], Run(sys.orig_argv[5])
    for path in (run.manifest(stage), run.notebooks / f"{stage}.ipynb"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(stage + os.urandom(4).hex())
    os._exit(0)
"""
ALL = set(stages_with(["realism_pair", "conditionality"]))
AFTER_READING = {"07_reading", "08_realism", "09_conditionality", "10_agreement_cues", "11_power", "12_report"}


class Study:
    """A study in a folder of its own, whose stages do nothing."""

    def __init__(self, folder: Path):
        self.folder, self.params = folder, folder / "my.yaml"
        (folder / "stand_in").mkdir()
        (folder / "stand_in" / "sitecustomize.py").write_text(STAND_IN)

    def says(self, **sections) -> "Study":
        self.params.write_text(yaml.safe_dump(sections))
        return self

    def snakemake(self, *arguments: str, profile="local", config=None) -> subprocess.CompletedProcess:
        words = [sys.executable, "-m", "snakemake", "--snakefile", PROJECT / "Snakefile", "--directory", self.folder]
        words += ["--profile", PROJECT / "profiles" / profile, "--cores", "2", *arguments]
        path = os.pathsep.join(map(str, (self.folder / "stand_in", PROJECT / "src")))
        environment = os.environ | {"HELPERS_WORKSPACE": str(self.folder), "PYTHONPATH": path}
        words += ["--config", *(config or ["run=pilot", f"params={self.params}"])]
        return subprocess.run(words, env=environment, cwd=self.folder, text=True, capture_output=True, timeout=120)

    def make(self) -> "Study":
        done = self.snakemake()
        assert done.returncode == 0, done.stderr
        return self

    @property
    def would_run(self) -> set[str]:
        """Stages that the next `make study` would run."""
        done = self.snakemake("--dry-run")
        assert done.returncode == 0, done.stderr
        return set(re.findall(r"stage_(\w+)", done.stdout + done.stderr))


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path))
    monkeypatch.delenv("HELPERS_DATABASE", raising=False)
    return Study(tmp_path)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HELPERS_DATABASE", raising=False)
        return Study(tmp_path_factory.mktemp("made")).says().make()


@pytest.fixture
def finished(made_once, monkeypatch):
    """A finished study of the defaults, for tests that only ask what would run."""
    monkeypatch.setenv("HELPERS_WORKSPACE", str(made_once.folder))
    monkeypatch.delenv("HELPERS_DATABASE", raising=False)
    return made_once.says()


def plan() -> pd.DataFrame:
    """Two conditionality trials for a reader and the guest."""
    row = {"task": "conditionality", "finding": "atelectasis", "present": 1, "source": "gan", "is_practice": False}
    rows = [
        row | {"reader": reader, "trial_id": f"{reader}-{n}", "images": f"i{n}", "case": f"i{n}", "position": n}
        for reader in ("reader-1", "guest")
        for n in (1, 2)
    ]
    return pd.DataFrame(rows, columns=list(PLAN.columns))


def sit_down(reader: str, kind: str = "human") -> Desk:
    return Desk(Store(Run("pilot").database, plan()), plan(), reader, kind)


def test_a_finished_study_stays_finished_although_it_has_written_readings_and_a_default_is_said_aloud(finished):
    sit_down("reader-1", "simulated").answer("reader-1-1", "s", Answer(1))  # as stage 07 does
    assert finished.says(**{"06_study_plan": {"pairs_per_cell": 6}}).would_run == set()
    assert finished.says(**{"06_study_plan": {"pairs_per_cell": 7}}).would_run == AFTER_READING | {"06_study_plan"}


def test_a_wrong_type_stops_it_before_the_first_stage(study):
    done = study.says(**{"11_power": {"sets": "many"}}).snakemake()
    assert done.returncode != 0 and "11_power.sets = 'many': must be a valid integer" in done.stderr
    assert not Run("pilot").folder.exists()


def test_files_and_folders_deep_in_a_section_are_inputs_but_not_what_the_run_itself_writes(study, tmp_path):
    own, words, eye = tmp_path / "own" / "atelectasis_present", tmp_path / "words.yaml", tmp_path / "eye.pt2"
    own.mkdir(parents=True)
    for path in (own / "1.png", eye):
        path.write_text("one")
    words.write_text("{present: {any: with it}, absent: {any: without}}")
    sources = [
        {"source": "again", "kind": "external", "path": "data/runs/pilot/samples"},  # from the workspace
        {"source": "told", "kind": "text_to_image", "path": "some/hub-id", "template": [str(words)]},
    ]
    study.says(
        **{
            "01_cohort": {"cohort": "folder", "folder": str(tmp_path / "own"), "table": "labels.csv"},
            "04_sample": {"sources": sources},
            "05_image_metrics": {"second_opinions": ["random", str(eye)]},
        }
    )
    study.make()
    assert study.would_run == set()
    eye.write_text("another eye")
    assert study.would_run == {"05_image_metrics", "10_agreement_cues", "12_report"}
    words.write_text("{present: {any: with it}, absent: {any: no such thing}}")
    assert study.would_run == ALL - {"01_cohort", "02_train_enlarger", "02_train_gan", "03_train_diffusion"}
    (own / "1.png").write_text("another image")
    assert study.would_run == ALL


def test_answers_of_people_after_a_finished_study_make_it_read_them_and_nothing_else_does(study):
    study.says(**{"07_reading": {"readers_are": "human"}}).make()
    sit_down("guest").answer("guest-1", "g", Answer(1))
    desk = sit_down("reader-1")
    desk.present()
    desk.pause()
    assert study.would_run == set()
    desk.resume()
    desk.answer("reader-1-1", "s", Answer(1))
    assert study.would_run == AFTER_READING


@pytest.mark.parametrize(("node", "asked"), [("gpu:a100:4", "gpu:1"), ("(null)", "")])
def test_training_sampling_and_metrics_ask_for_a_gpu_where_a_node_of_the_cluster_has_one(
    study, tmp_path, monkeypatch, node, asked
):
    sinfo = tmp_path / "bin" / "sinfo"
    sinfo.parent.mkdir()
    sinfo.write_text(f"#!/bin/sh\necho '{node}'\n")
    sinfo.chmod(0o755)
    monkeypatch.setenv("PATH", str(sinfo.parent), prepend=os.pathsep)
    done = study.says().snakemake("--dry-run")
    found = dict(re.findall(r"rule stage_(\w+):.*?resources: [^\n]*gres=(\S*)", done.stdout, re.DOTALL))
    wanted = {"02_train_enlarger", "02_train_gan", "03_train_diffusion", "04_sample", "05_image_metrics"}
    assert found == {stage: asked if stage in wanted else "" for stage in ALL}


PARTS = {f"{source}, {cell.label}" for source in ("gan", "diffusion") for cell in ORIGINAL.cells}


def parts_to_draw(study) -> set[str]:
    done = study.snakemake("parts", "--dry-run")
    assert done.returncode == 0, done.stderr
    found = re.findall(r"wildcards: source=(\w+), cell=(\w+)", done.stdout)
    return {f"{source}, {cell}" for source, cell in found}


def test_each_source_and_cell_can_be_drawn_by_a_job_of_its_own_until_sampling_is_done(study, finished):
    assert parts_to_draw(finished) == set()
    assert parts_to_draw(study.says()) == PARTS


def resources_of_rules(said: str) -> dict[str, set[str]]:
    """By rule, the memory and time that its jobs ask for."""
    blocks = re.findall(r"^rule (\w+):$.*?^ +resources: ([^\n]*)", said, re.DOTALL | re.MULTILINE)
    found = {}
    for rule, resources in blocks:
        asked = " ".join(re.findall(r"mem_mb=\d+|runtime=\d+", resources))
        found.setdefault(rule, set()).add(asked)
    return found


def test_the_cluster_profile_gives_the_runs_of_a_sweep_what_it_gives_a_study(study, tmp_path):
    study.says()
    grid = tmp_path / "wide.yaml"
    grid.write_text(yaml.safe_dump({"params": str(study.params), "grid": {"seed": [1, 2]}}))
    alone = study.snakemake("study", "parts", "--dry-run", profile="slurm")
    assert alone.returncode == 0, alone.stderr
    swept = study.snakemake("study", "parts", "--dry-run", profile="slurm", config=[f"grid={grid}"])
    assert swept.returncode == 0, swept.stderr
    named = yaml.safe_load((PROJECT / "profiles" / "slurm" / "config.yaml").read_text())["set-resources"]
    alone, swept = resources_of_rules(alone.stdout), resources_of_rules(swept.stdout)
    for rule, asked in named.items():
        assert f"mem_mb={asked['mem_mb']}" in " ".join(alone[rule]), rule
        assert swept[rule] == alone[rule], rule
