"""A stage that several runs have in common is made once, and belongs to each of them."""

import json

import pytest

from helpers.runs import Run
from helpers.sharing import let_go_of_shared, main, makers

STAGE = "04_sample"


def finished(name: str, stage: str = STAGE, by: str | None = None) -> Run:
    run = Run(name)
    run.stage_folder(stage).mkdir(parents=True)
    run.manifest(stage).write_text(json.dumps({"parameters": {"run": by or name}}))
    return run


@pytest.fixture
def shared(workspace):
    """A finished run and another that has been given its stage."""
    run = finished("first")
    (run.stage_folder(STAGE) / "images").mkdir()
    (run.stage_folder(STAGE) / "images" / "one.png").write_text("pixels")
    (run.stage_folder(STAGE) / ".lock").write_text("")
    for path in (run.notebooks / f"{STAGE}.ipynb", *(run.figures / name for name in (f"{STAGE}_a.png", "03_b.png"))):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(path.name)
    other = Run("second")
    other.stage_folder(STAGE).mkdir(parents=True)
    (other.stage_folder(STAGE) / "old.csv").write_text("of other parameters")
    assert main([STAGE, "--run", "second", "--of", "first"]) == 0
    return run, other


def test_a_stage_made_from_the_same_is_made_by_the_first_run(workspace):
    assert makers({"a": "x", "b": "y", "c": "x"}, STAGE) == {"a": "a", "b": "b", "c": "a"}


def test_a_run_that_has_made_it_already_stays_its_maker(workspace):
    finished("b"), finished("a", by="b")
    assert makers({"new": "x", "a": "x", "b": "x"}, STAGE) == {"new": "b", "a": "b", "b": "b"}


@pytest.mark.parametrize("stage", ["06_study_plan", "07_reading", "12_report"])
def test_what_people_read_is_each_runs_own(workspace, stage):
    assert makers({"a": "x", "b": "x"}, stage) == {"a": "a", "b": "b"}


def test_the_other_run_has_files_figures_notebook_and_a_manifest_that_names_the_maker(shared):
    run, other = shared
    folder = other.stage_folder(STAGE)
    assert sorted(path.name for path in folder.rglob("*")) == ["images", "manifest.json", "one.png"]
    assert (folder / "images" / "one.png").samefile(run.stage_folder(STAGE) / "images" / "one.png")
    assert [path.name for path in other.figures.iterdir()] == [f"{STAGE}_a.png"]
    assert (other.notebooks / f"{STAGE}.ipynb").read_text() == f"{STAGE}.ipynb"
    assert json.loads(other.manifest(STAGE).read_text())["parameters"]["run"] == "first"
    assert not other.manifest(STAGE).samefile(run.manifest(STAGE)), "each run's manifest has a time of its own"


def test_a_stage_that_runs_again_writes_into_no_file_of_another_run(shared):
    run, other = shared
    let_go_of_shared(other, STAGE)
    assert not (other.stage_folder(STAGE) / "images" / "one.png").exists()
    assert (run.stage_folder(STAGE) / "images" / "one.png").read_text() == "pixels"
    (other.stage_folder(STAGE) / "own.csv").write_text("half made")
    let_go_of_shared(other, STAGE)
    assert (other.stage_folder(STAGE) / "own.csv").exists(), "what a killed stage has made stays"
