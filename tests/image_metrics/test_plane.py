import json
from types import SimpleNamespace

import numpy as np
import pytest

from helpers.files import write_text
from helpers.image_metrics.plane import kept_plane, principal_plane
from helpers.runs import Run


def test_the_plane_is_that_of_the_largest_variance():
    rng = np.random.default_rng(1)
    features = rng.normal(size=(500, 4)) * [1, 10, 0.1, 5]
    places, explained = principal_plane(features)
    assert abs(np.corrcoef(places[:, 0], features[:, 1])[0, 1]) > 0.98
    assert abs(np.corrcoef(places[:, 1], features[:, 3])[0, 1]) > 0.98
    assert explained == pytest.approx(125 / 126, abs=0.01)


def test_alike_features_lie_in_one_place():
    places, explained = principal_plane(np.ones((5, 3)))
    assert (places == places[0]).all() and explained == 0


@pytest.fixture
def run(workspace) -> Run:
    """A run whose cohort and samples have been made."""
    run = Run("tiny")
    for stage in ("01_cohort", "04_sample"):
        write_text(run.manifest(stage), json.dumps({"outputs": {"images.npy": "1"}}))
    return run


def test_a_plane_is_kept_until_images_extractor_or_cohort_change(run):
    features = np.random.default_rng(1).normal(size=(6, 3))
    made = []

    def plane(paths="abcdef", extractor="1" * 64):
        before = len(made)
        halves = lambda: made.append(1) or (features[:4], features[4:])  # noqa: E731
        places, explained = kept_plane(run, SimpleNamespace(sha256=extractor), paths, halves)
        np.testing.assert_array_equal(places, principal_plane(features)[0])
        assert explained == principal_plane(features)[1]
        return len(made) > before

    assert plane() and not plane()
    assert plane("abcdeg") and plane()
    assert plane(extractor="2" * 64) and not plane(extractor="1" * 64)
    write_text(run.manifest("01_cohort"), json.dumps({"outputs": {"images.npy": "2"}}))
    assert plane() and not plane()


def test_a_damaged_plane_is_made_again(run):
    extractor = SimpleNamespace(sha256="1" * 64)
    first, _ = kept_plane(run, extractor, "abc", lambda: [np.eye(3)])
    (file,) = (run.folder / "metrics" / "features" / "planes").iterdir()
    for damage in (b"damaged", file.read_bytes()[:-20]):
        file.write_bytes(damage)
        np.testing.assert_array_equal(kept_plane(run, extractor, "abc", lambda: [np.eye(3)])[0], first)
