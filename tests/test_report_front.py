"""The first screen of a report: which images stand side by side, and the figures of the main questions."""

import base64
import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from helpers.files import write_png
from helpers.findings import ORIGINAL
from helpers.report_answers import WORDING
from helpers.report_front import questions, strip
from helpers.report_text import QUESTIONS
from helpers.runs import Run
from helpers.tables import SAMPLES, cohort_schema, write_table

COHORT = cohort_schema(ORIGINAL)

NOTHING = {stage: [] for stage in (*QUESTIONS, WORDING)}


@pytest.fixture
def run(workspace):
    """A run with two real images of an effusion, one of them for training, and one of each of two generators."""
    run = Run("pilot")
    people = [{"image_id": f"r{n}", "path": f"r{n}.png", "patient_id": f"p{n}", "view": "PA"} for n in (0, 1)]
    cohort = pd.DataFrame(people).assign(split=["train", "test"], pleural_effusion=1, lung_opacity=0)
    ORIGINAL.write(run.findings)
    write_table(cohort.reindex(columns=list(COHORT.columns)), run.folder / "cohort" / "cohort.csv", COHORT)
    rows = [("gan", "pleural_effusion", 1), ("mine", "lung_opacity", 1), ("mine", "pleural_effusion", 0)]
    samples = pd.DataFrame(rows, columns=["source", "finding", "present"]).assign(image_id=["s0", "s1", "s2"])
    samples = samples.assign(path=samples["image_id"] + ".png").reindex(columns=list(SAMPLES.columns))
    write_table(samples, run.folder / "samples" / "samples.csv", SAMPLES)
    for number, path in enumerate([*cohort["path"], *samples["path"]]):
        write_png(run.folder / path, np.full((300, 300), number / 10))
    return run


def gray(url: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))))


def test_sources_stand_side_by_side_with_their_colours_and_images_of_the_test_split(run):
    shown = strip(run)
    assert list(shown.sources) == ["Real", "GAN", "mine"] and len(set(shown.sources.values())) == 3
    assert gray(shown.rows["Pleural effusion"][0]).max() == round(0.1 * 255), "the second image, of the test split"


def test_only_images_with_the_finding_are_shown_and_gaps_stay_empty(run):
    rows = strip(run).rows
    assert list(rows) == ["Lung opacity", "Pleural effusion"]
    assert [bool(url) for url in rows["Pleural effusion"]] == [True, True, False]
    assert [bool(url) for url in rows["Lung opacity"]] == [False, False, True]


def test_large_images_are_embedded_smaller(run):
    assert gray(strip(run).rows["Pleural effusion"][1]).shape == (256, 256)


def test_each_main_question_has_its_figure_where_the_notebook_made_one(run):
    run.figures.mkdir(parents=True)
    Image.new("L", (30, 10)).save(run.figures / "09_conditionality_auc.png")
    realism, choice, conditionality = questions(run, NOTHING | {"08_realism": ["Yes."]})
    assert realism.figure is choice.figure is None and realism.sentences == ["Yes."]
    assert conditionality.figure.caption.startswith("Area under the ROC curve")


def test_the_wording_is_a_question_where_something_is_known_of_it(run):
    run.figures.mkdir(parents=True)
    Image.new("L", (30, 10)).save(run.figures / "09_conditionality_wordings_by_finding.png")
    assert len(questions(run, NOTHING)) == len(QUESTIONS)
    *_, wording = questions(run, NOTHING | {WORDING: ["It matters."]})
    assert wording.title == "What does the wording of the prompt change?" and wording.sentences == ["It matters."]
    assert wording.figure.caption.startswith("Area under the ROC curve by finding and wording")
