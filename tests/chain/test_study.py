"""The whole study on tiny parameters, through Snakemake and papermill, as ``make study`` runs it."""

import nbformat
import pytest
from interruptions import manifests, numbers
from small_study import RUN, study

from helpers.report_text import CAPTIONS
from helpers.runs import STAGES

pytestmark = pytest.mark.chain


def test_one_command_makes_the_report_the_numbers_and_every_notebook(finished, undisturbed):
    run, said = finished, (undisturbed / "said").read_text()
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
    named = {f"{stage}_{name}" for stage in CAPTIONS for name in CAPTIONS[stage]}
    without = {path.stem for path in finished.figures.rglob("*.png")} - named
    assert all(stem.startswith(tuple(set(STAGES) - set(CAPTIONS))) for stem in without)


def test_executed_notebooks_hold_no_error_and_no_widget_state(finished):
    for stage in STAGES:
        notebook = nbformat.read(str(finished.notebooks / f"{stage}.ipynb"), as_version=4)
        assert "widgets" not in notebook.metadata
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        assert not [output for output in outputs if output.output_type == "error"]


def test_a_second_run_re_executes_nothing(finished, folder):
    before = manifests(finished)
    assert "> " not in study(folder, RUN)
    assert manifests(finished) == before
