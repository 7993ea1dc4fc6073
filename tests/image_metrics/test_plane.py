import numpy as np
import pytest

from helpers.image_metrics.plane import principal_plane


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
