"""Predictions of cells, averaged over readers and cases."""

import numpy as np
import pytest

from helpers.stats.mixed.prediction import cells_of, predictions


def test_slopes_of_the_prediction_are_those_of_differences(sloped):
    objective, point = sloped.objective, sloped.estimate.parameters
    cell = cells_of(objective, ["source"])[1]
    slope = predictions(objective, point, cell)[1][0]
    for place in range(len(point)):
        side = np.eye(len(point))[place] * 1e-5
        rise = predictions(objective, point + side, cell)[0] - predictions(objective, point - side, cell)[0]
        assert slope[place] == pytest.approx(rise[0] / 2e-5, abs=1e-6)
