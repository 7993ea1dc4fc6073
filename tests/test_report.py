"""The report against a small run made of real readings tables, figures and recorded numbers."""

import json
import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers import provenance, report
from helpers.files import write_png
from helpers.findings import ORIGINAL
from helpers.provenance import Stage
from helpers.recording import record
from helpers.report_sections import sections_of
from helpers.report_text import QUESTIONS
from helpers.runs import STAGES, Run
from helpers.stats import proportions
from helpers.stats.readings import analysed
from helpers.tables import READINGS, SAMPLES, cohort_schema, read_table, write_table

COHORT = cohort_schema(ORIGINAL)


@pytest.fixture
def make_run(workspace, monkeypatch, simulate):
    """A run whose stages have finished, with readings, one figure that shows images and one that does not."""
    monkeypatch.setattr(provenance, "notebook_parameters", lambda stage: {"run": "", "cohort": "", "size": 0})

    def make(cohort="phantom", kind="simulated", prompt=None):
        namespace = {"run": "pilot", "cohort": cohort, "size": 64}
        table = simulate(reader_kind=kind)
        for name in STAGES:
            if name == "12_report":
                continue
            stage = Stage.begin(name, namespace)
            if name == "01_cohort":
                stage.image_figure(plt.figure(), "examples")
                image = dict.fromkeys(COHORT.columns) | {"image_id": "r1", "path": "r1.png", "patient_id": "p1"}
                image |= {"split": "test", "view": "PA", "atelectasis": 1}
                ORIGINAL.write(stage.run.findings)
                write_table(pd.DataFrame([image]), stage.folder / "cohort.csv", COHORT)
                write_png(stage.run.folder / "r1.png", np.zeros((8, 8)))
            if name == "04_sample":
                sample = dict.fromkeys(SAMPLES.columns) | {"source": "gan"}
                sample |= {"finding": "atelectasis", "prompt": prompt}
                samples = pd.DataFrame(
                    [sample | {"image_id": f"g{n}", "path": f"g{n}.png", "present": n} for n in (0, 1)]
                )
                write_table(samples, stage.folder / "samples.csv", SAMPLES)
                for path in samples["path"]:
                    write_png(stage.run.folder / path, np.ones((8, 8)))
            if name == "07_reading":
                write_table(table, stage.folder / "readings.csv", READINGS)
            if name == "08_realism":
                accuracy = proportions.accuracy(analysed(table, "realism_pair"), ["source"])
                write_table(accuracy, stage.folder / "accuracy.csv")
                record(stage, "realism.{source}.accuracy", accuracy, "Wilson")
                stage.figure(plt.figure(), "accuracy")
            stage.finish()
        return Run("pilot")

    return make


def test_the_page_is_self_contained_and_holds_figures_tables_and_numbers(make_run):
    run = make_run()
    page = report.build(run).read_text()
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', page)
    assert page.count("data:image/png;base64,") == 2 + 1 + 2  # two figures, one of them twice; a real and a GAN image
    assert "realism.gan.accuracy.readers_like_these" in page
    assert "Readers picked out the GAN image in" in page


def test_simulated_readers_and_phantoms_are_said_at_the_top_and_under_every_figure(make_run):
    page = report.build(make_run()).read_text()
    assert page.index("All readers are simulated") < page.index("<figure>")
    assert page.count("Simulated readers. Phantom images.") == page.count("<figure>")


def test_people_reading_patients_get_no_banner_and_no_picture_of_a_patient(make_run):
    run = make_run(cohort="mimic_cxr", kind="human")
    page = report.build(run).read_text()
    assert 'class="banner"' not in page and "not radiologists" not in page
    assert page.count("data:image/png;base64,") == 2  # one figure, on the first screen and in its section
    assert "figures/pilot/images/04_sample_sources.png" in page
    assert (run.figures / "images" / "01_cohort_examples.png").is_file()


def test_the_first_screen_asks_both_questions_before_any_detail(make_run):
    page = report.build(make_run()).read_text()
    front = page[page.index('class="front"') : page.index("<main>")]
    assert all(title in front for title, _ in QUESTIONS.values())
    assert "Too few readers or cases for an interval" in front  # no answer and no figure of 09 was recorded
    assert front.count("<figure>") == 2


def test_the_parameters_of_the_run_are_told_and_those_that_differ_counted(make_run):
    page, count = report.build(make_run()).read_text(), 2 * (len(STAGES) - 1)
    assert f"{count} parameters of this run; {count} differ" in page and "<strong>64</strong>" in page


def test_every_recorded_number_is_in_results_json_without_times(make_run):
    run = make_run()
    report.build(run)
    first = run.results.read_bytes()
    found = json.loads(first)
    assert found["numbers"]["realism.gan.accuracy"]["n"] == 144
    assert found["notes"][0].startswith("All readers are simulated")
    report.build(run)
    assert run.results.read_bytes() == first


def test_a_stage_without_words_of_its_own_has_its_title_and_one_that_the_study_lacks_is_left_out(make_run):
    run = make_run()
    titles = [section["title"] for section in sections_of(run)]
    assert titles[2] == "Realism by choice: can readers find the synthetic image among several?"
    assert titles[2] in report.build(run).read_text()
    manifest = json.loads(run.manifest("06_study_plan").read_text())
    manifest["parameters"]["tasks"] = ["realism_pair", "conditionality"]
    run.manifest("06_study_plan").write_text(json.dumps(manifest))
    assert titles[2] not in report.build(run).read_text()
    run.manifest("11_power").unlink()
    manifest = json.loads(run.manifest("02_train_gan").read_text())
    run.manifest("02_train_gan").write_text(json.dumps(manifest | {"parameters": {"train": False}}))
    assert {"11_power", "02_train_gan"}.isdisjoint(section["stage"] for section in sections_of(run))


def test_what_absent_meant_is_told_where_a_source_was_prompted_in_words(make_run):
    assert "“no findings”" in report.build(make_run(prompt="no findings")).read_text()
    assert "in words instead" not in report.build(make_run()).read_text()


def test_cells_with_too_few_images_are_told_on_the_page(make_run):
    run = make_run()
    assert "Too few images" not in report.build(run).read_text()
    small = {"task": "conditionality", "source": "real", "finding": "enlarged_cardiac_silhouette", "present": 1}
    table = pd.DataFrame([small | {"asked": 6, "available": 1, "used": 1}])
    write_table(table, run.stage_folder("06_study_plan") / "small_cells.csv")
    assert "Conditionality, Real, Enlarged cardiac silhouette present: 1 of 6" in report.build(run).read_text()


def test_a_finding_named_by_a_user_cannot_break_the_page(make_run):
    assert "<script>" not in report.build(make_run(prompt="<script>alert(1)</script>")).read_text()


def test_what_readers_wrote_is_no_markup_on_the_page(make_run):
    run, markup = make_run(kind="human"), "<img src=x onerror=alert(1)>"
    file = run.stage_folder("07_reading") / "readings.csv"
    table = read_table(file, READINGS)
    write_table(
        table.assign(cue_text=table["cue"].where(table["cue"].isna(), markup), subspecialty=markup), file, READINGS
    )
    assert markup not in report.build(run).read_text()


def test_the_page_says_whether_a_plan_was_frozen_and_what_changed_since(make_run):
    run = make_run()
    page = report.build(run).read_text()
    assert "No plan was frozen in this run" in page and "Changed since" not in page


def test_the_page_holds_the_reporting_table_and_the_run_its_files(make_run):
    run = make_run()
    page = report.build(run).read_text()
    assert "CLAIM 2024" in page and page.count('class="blank"') > 5
    assert (run.folder / "checklist.csv").is_file() and (run.folder / "checklist.md").is_file()


def test_the_report_says_which_people_count_and_nothing_of_it_where_readers_are_simulated():
    number = {"value": 1.0, "n": 3, "method": "People count once they have answered every case"}
    said = report.counting({"reading.readers_left_out": number})
    assert said == "People count once they have answered every case; 1 of 3 who have begun left out."
    assert report.counting({}) == ""
