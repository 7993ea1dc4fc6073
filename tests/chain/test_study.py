"""The whole study on tiny parameters, through Snakemake and papermill, as ``make study`` runs it."""

import nbformat
import pytest
import yaml
from interruptions import manifests, numbers
from patience import told_by
from small_study import RUN, TEST_PARAMS, start, study

from helpers.report_text import CAPTIONS
from helpers.runs import STAGES

pytestmark = pytest.mark.chain


@pytest.fixture(scope="module")
def folder(made_here):
    """Where the study was made; the last tests change it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELPERS_WORKSPACE", str(made_here))
        yield made_here


def test_one_command_makes_the_report_the_numbers_and_every_notebook(finished, folder):
    run, said = finished, (folder / "said").read_text()
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


def test_a_changed_statistics_parameter_re_executes_only_what_lies_behind_it(finished, folder):
    sections = yaml.safe_load(TEST_PARAMS.read_text())
    sections["10_agreement_cues"]["resamples"] += 1
    params = folder / "changed.yaml"
    params.write_text(yaml.safe_dump(sections))
    before = manifests(finished)
    study(folder, RUN, params)
    after = manifests(finished)
    assert {stage for stage in STAGES if before[stage] != after[stage]} == {"10_agreement_cues", "12_report"}


def test_a_failing_stage_says_where_and_the_study_exits_with_an_error(finished, folder):
    sections = yaml.safe_load(TEST_PARAMS.read_text())
    sections["06_study_plan"]["pairs_per_cell"] = 999
    params = folder / "greedy.yaml"
    params.write_text(yaml.safe_dump(sections))
    process = start(folder, RUN, params)
    said = told_by(process, folder)
    assert process.returncode != 0
    assert "06_study_plan.ipynb, cell" in said and "PlanError" in said and "999" in said
    assert not finished.manifest("06_study_plan").exists()
