"""Predictions of cells, averaged over readers and cases."""

import numpy as np
import pytest

from helpers.stats.mixed.glmm import fit
from helpers.stats.mixed.prediction import cells_of, predictions


def test_slopes_of_the_prediction_are_those_of_differences(sloped):
    objective, point = sloped.objective, sloped.estimate.parameters
    cell = cells_of(objective, ["source"])[1]
    slope = predictions(objective, point, cell)[1][0]
    for place in range(len(point)):
        side = np.eye(len(point))[place] * 1e-5
        rise = predictions(objective, point + side, cell)[0] - predictions(objective, point - side, cell)[0]
        assert slope[place] == pytest.approx(rise[0] / 2e-5, abs=1e-6)


def test_what_a_level_determines_goes_with_it(crossed):
    """Only synthetic images have an effect of their prompt: none enters the prediction for real ones."""
    rows = crossed.assign(prompted=(crossed["source"] != "real") * 1.0, prompt="p" + crossed["case"].str[-1])
    found = fit("correct ~ source + finding + (1 | reader) + (0 + prompted | prompt)", rows)
    places = [k for k, random in enumerate(found.objective.design.random) if random.names == ("prompted",)]
    for by in (["source"], ["source", "finding"]):
        for cell in cells_of(found.objective, by):
            assert (cell.raw[:, places] == (cell.levels[0] != "real")).all()
    assert set(cells_of(found.objective, ["finding"])[0].raw[:, places].ravel()) == {0.0, 1.0}
