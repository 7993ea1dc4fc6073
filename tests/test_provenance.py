import json

import matplotlib.pyplot as plt
import pytest

from helpers import provenance
from helpers.errors import RunError
from helpers.files import sha256, write_text
from helpers.provenance import Stage
from helpers.runs import Run


@pytest.fixture
def stage(workspace, monkeypatch):
    monkeypatch.setattr(provenance, "notebook_parameters", lambda stage: {"run": "quick", "seed": 1})

    def begin(name="06_study_plan", run="pilot"):
        return Stage.begin(name, {"run": run, "seed": 5, "unrelated": object()})

    return begin


def test_the_manifest_says_what_a_stage_read_ran_with_and_wrote(stage):
    first = stage("01_cohort")
    write_text(first.folder / "cohort.csv", "rows")
    first.finish()
    second = stage()
    assert second.after("01_cohort") == first.folder
    write_text(second.folder / "plan.csv", "trials")
    manifest = second.finish()
    assert manifest["parameters"] == {"run": "pilot", "seed": 5}
    assert manifest["inputs"] == {"cohort/manifest.json": sha256(first.folder / "manifest.json")}
    assert manifest["outputs"]["plan.csv"] == sha256(second.folder / "plan.csv")
    assert set(manifest["git"]) == {"commit", "dirty"}
    assert manifest["wall_seconds"] >= 0


def test_a_damaged_or_missing_file_of_a_finished_stage_is_named(stage):
    begun = stage()
    write_text(begun.folder / "plan.csv", "trials")
    write_text(begun.folder / "display" / "a.png", "pixels")
    begun.writes(begun.run.folder / "page.html").write_text("page")
    begun.finish()
    run, page = begun.run, begun.run.folder / "page.html"
    assert provenance.changed_outputs(run) == {}
    (begun.folder / "plan.csv").write_text("tri")
    page.unlink()
    assert provenance.changed_outputs(run) == {"06_study_plan": ["plan.csv", "../page.html"]}
    (begun.folder / "plan.csv").write_text("trials")
    page.write_text("page")
    assert provenance.changed_outputs(run) == {}
    (begun.folder / "display" / "a.png").unlink()
    assert provenance.changed_outputs(run) == {"06_study_plan": ["display"]}
    run.manifest("06_study_plan").write_text('{"stage": ')
    assert provenance.changed_outputs(run) == {"06_study_plan": ["manifest.json"]}


def test_features_that_a_view_of_the_run_adds_are_no_change(stage):
    begun = stage("05_image_metrics")
    write_text(begun.folder / "features" / "a.npz", "numbers")
    begun.finish()
    write_text(begun.folder / "features" / "b.npz", "numbers of the atlas")
    assert provenance.changed_outputs(begun.run) == {}


def test_a_stage_that_began_again_is_not_taken_for_finished(stage):
    stage().finish()
    stage()
    later = stage("07_reading")
    with pytest.raises(RunError, match="06_study_plan"):
        later.after("06_study_plan")


def test_numbers_are_kept_with_interval_size_and_method_and_infinity_becomes_null(stage):
    begun = stage()
    begun.record("plan.trials", 10, n=10, method="count")
    begun.record("plan.ratio", float("nan"), float("-inf"), 2, n=3, method="ratio")
    begun.finish()
    rows = provenance.read_results(Run("pilot"))
    assert rows[0] == {"name": "plan.trials", "value": 10.0, "low": None, "high": None, "n": 10, "method": "count"}
    assert rows[1]["value"] is None and rows[1]["low"] is None and rows[1]["high"] == 2.0


def test_one_name_for_two_numbers_is_refused(stage):
    begun = stage()
    begun.record("plan.trials", 1, n=1, method="count")
    begun.record("plan.trials", 2, n=1, method="count")
    with pytest.raises(RunError, match=r"plan\.trials"):
        begun.finish()


@pytest.mark.parametrize("cohort", ["phantom", "mimic_cxr"])
def test_pictures_of_patients_never_enter_a_notebook(stage, workspace, monkeypatch, cohort):
    monkeypatch.setattr(provenance, "read_manifest", lambda run, name: {"parameters": {"cohort": cohort}})
    figure, _ = plt.subplots()
    shown = stage().image_figure(figure, "grid")
    assert (workspace / "figures" / "pilot" / "images" / "06_study_plan_grid.png").is_file()
    assert (shown is figure) == (cohort == "phantom")


def test_the_same_figure_is_the_same_file(stage):
    digests = set()
    for name in ("one", "two"):
        figure, axes = plt.subplots()
        axes.plot([1, 2, 3])
        begun = stage()
        begun.figure(figure, name)
        digests.add(sha256(begun.run.figures / f"06_study_plan_{name}.png"))
    assert len(digests) == 1


def test_a_manifest_is_readable_json(stage):
    stage().finish()
    assert json.loads(Run("pilot").manifest("06_study_plan").read_text())["stage"] == "06_study_plan"


def test_the_parameters_that_a_run_ran_with_stand_beside_the_notebooks_own(stage):
    stage().finish()
    stage("07_reading")  # not finished
    table = provenance.effective_parameters(Run("pilot"))
    assert table.to_dict("records") == [{"stage": "06_study_plan", "parameter": "seed", "value": 5, "default": 1}]
