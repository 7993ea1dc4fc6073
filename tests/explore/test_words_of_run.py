"""A run's sources that are told in words are asked, and judged by its classifier and by a ruler."""

import numpy as np
import pytest
from made_up_run import add_classifier, make_run
from small_pipeline import small_pipeline

from helpers.errors import ParameterError, RunError, SampleError
from helpers.explore.words_of_run import judges_of, seeds_for, templates_of, told_in_words, unseen_phantoms
from helpers.findings import ORIGINAL
from helpers.image_metrics.obedience import RULERS
from helpers.image_metrics.physics import Outlining

SMALL = Outlining(images=16, epochs=1)


@pytest.fixture
def run(workspace):
    run = make_run(readings=False)
    add_classifier(run)
    return run


def test_only_sources_that_are_told_in_words_are_asked(run):
    small_pipeline().save_pretrained(run.stage_folder("03_train_diffusion") / "pipeline")
    told = told_in_words(run, ORIGINAL)
    assert list(told) == ["diffusion"]
    images = told["diffusion"].draw("Pleural effusion.", [1, 2])
    assert images.shape[0] == 2 and images.dtype == np.uint8
    assert (told["diffusion"].draw("Pleural effusion.", [2]) == images[1:]).all()


def test_the_templates_of_the_study_are_asked_in_their_words(run):
    small_pipeline().save_pretrained(run.stage_folder("03_train_diffusion") / "pipeline")
    words = templates_of(told_in_words(run, ORIGINAL))
    assert words and all(("pleural_effusion", 1) in of for of in words.values())


def test_one_image_of_each_sentence_is_refused():
    assert len(seeds_for(2)) == 2
    with pytest.raises(ParameterError, match=r"images = 1: at least 2 images"):
        seeds_for(1)


def test_a_run_without_such_a_source_says_so(run, monkeypatch):
    path = run.manifest("04_sample")
    path.write_text(path.read_text().replace("text_to_image", "gan"))
    with pytest.raises(SampleError, match=r"none of its sources \(gan, diffusion\) is told in words"):
        told_in_words(run, ORIGINAL)


def test_a_run_that_has_not_sampled_yet_says_so(workspace):
    run = make_run(readings=False)
    run.manifest("04_sample").unlink()
    with pytest.raises(RunError, match="04_sample has not finished"):
        told_in_words(run, ORIGINAL)


def test_phantoms_have_a_ruler_and_patients_the_classifier_alone(run, workspace):
    cohort = run.stage_folder("01_cohort") / "cohort.csv"
    cohort.write_text(cohort.read_text().replace(",test,", ",train,"))
    judges = judges_of(run, ORIGINAL, SMALL, 32, 1)
    found = judges.judge(np.zeros((3, 16, 16), np.uint8))
    assert list(found) == list(judges.measures) and set(RULERS) <= set(found) and len(found) == 3
    other = make_run("patients", cohort="csv", readings=False)
    add_classifier(other)
    judges = judges_of(other, ORIGINAL, SMALL, 32, 1)
    assert not judges.ruled and list(judges.judge(np.zeros((2, 16, 16), np.uint8))) == [
        f"seen_{name}" for name in ORIGINAL.names
    ]


def test_judges_are_tried_on_phantoms_that_they_have_not_seen(run):
    phantoms = unseen_phantoms(run, ORIGINAL, 32)
    cohort = run.stage_folder("01_cohort") / "cohort.csv"
    cohort.write_text(cohort.read_text().replace(",test,", ",train,"))
    table = judges_of(run, ORIGINAL, SMALL, 32, 1).accuracy(phantoms)
    assert set(table["judge"]) == {"ruler", "classifier"}
    assert table["value"].dropna().between(-1, 1).all() and (table["n"] <= len(phantoms)).all()
