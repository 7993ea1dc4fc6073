"""The same numbers for any order of rows, batch size and number of threads; an unreadable image has a name."""

import numpy as np
import pandas as pd
import pytest
import torch
from threadpoolctl import threadpool_limits

from helpers.errors import ImageError
from helpers.files import write_png
from helpers.findings import ORIGINAL
from helpers.image_metrics import features, images
from helpers.image_metrics.comparison import Halves, compare
from helpers.image_metrics.condition import condition_table, judged
from helpers.image_metrics.diversity import similarity_table
from helpers.image_metrics.equal_n import condition_at_equal_n
from helpers.image_metrics.extractors import load_extractor
from helpers.image_metrics.images import features_of, probabilities_of, read_images, sets_of
from helpers.image_metrics.memorization import memorization_table, screen

NAMES, CELLS = ORIGINAL.names, ORIGINAL.cells

HALVES = Halves(repeats=5, smallest_n=3)


@pytest.fixture(scope="module")
def study(pictures):
    """Real and synthetic tables with their images, and training images with their patients."""
    real_images, labels = pictures(120, seed=1)
    real = pd.DataFrame(labels.astype(float), columns=list(NAMES))
    real["image_id"] = [f"r{i:03d}" for i in range(120)]
    real["patient_id"] = [f"p{i // 2:03d}" for i in range(120)]
    rows = [("gan", c.finding, c.present) for c in CELLS for _ in range(10)]
    samples = pd.DataFrame(rows, columns=["source", "finding", "present"])
    samples["image_id"] = [f"s{i:03d}" for i in range(80)]
    return (
        real,
        real_images,
        samples,
        pictures(80, seed=2)[0],
        pictures(100, seed=3)[0],
        np.array([f"t{i:03d}" for i in range(100)]),
    )


def _everything(classifier, real, real_images, samples, made_images, training, trained):
    """Every table of numbers that notebook 05 makes of these images, by the classifier and the random network."""
    tables = []
    for extractor in (classifier, load_extractor("random")):
        known, found, learned = (features_of(extractor, part) for part in (real_images, made_images, training))
        tables.append(compare(*sets_of(real, known, samples, found, ORIGINAL), HALVES, seed=1))
        known = known[np.argsort(real["image_id"].to_numpy())]
        found = found[np.argsort(samples["image_id"].to_numpy())]
        patients = trained, real.sort_values("image_id")["patient_id"].to_numpy()
        held, made = screen(known, learned, known, patients[1]), screen(found, learned, known)
        tables.append(memorization_table(held, {"gan": made}, patients, "features", HALVES, seed=1))
    real_set, made_sets = sets_of(real, real_images, samples, made_images, ORIGINAL)
    tables.append(similarity_table({"real": real_set} | made_sets, 6, HALVES, seed=1))
    scores = (probabilities_of(classifier, part) for part in (real_images, made_images))
    judgements = judged(real, next(scores), samples, next(scores), ORIGINAL)
    tables += [condition_table(judgements), condition_at_equal_n(judgements, seed=1)]
    return pd.concat(tables, ignore_index=True)


@pytest.fixture(scope="module")
def expected(classifier, study):
    return _everything(classifier, *study)


def _same(table, expected):
    pd.testing.assert_frame_equal(table, expected, rtol=1e-4, atol=1e-4)


def test_any_order_of_rows(classifier, study, expected):
    real, real_images, samples, made_images, training, trained = study
    dice = np.random.default_rng(5)
    a, b, c = (dice.permutation(len(part)) for part in (real, samples, training))
    changed = real.iloc[a], real_images[a], samples.iloc[b], made_images[b], training[c], trained[c]
    _same(_everything(classifier, *changed), expected)


def test_any_batch_size(classifier, study, expected, monkeypatch):
    monkeypatch.setattr(features, "BATCH", 7)
    monkeypatch.setattr(images, "CHUNK", 13)
    _same(_everything(classifier, *study), expected)


def test_any_number_of_threads(classifier, study, expected):
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with threadpool_limits(3):
            _same(_everything(classifier, *study), expected)
    finally:
        torch.set_num_threads(before)


def test_an_unreadable_image_is_an_error_with_its_name_and_not_a_black_image(tmp_path):
    write_png(tmp_path / "whole.png", np.full((32, 32), 0.5))
    (tmp_path / "half.png").write_bytes((tmp_path / "whole.png").read_bytes()[:60])
    with pytest.raises(ImageError, match=r"half\.png"):
        read_images(["whole.png", "half.png"], tmp_path, 32)
