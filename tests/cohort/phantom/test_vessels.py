import numpy as np
import pytest

from helpers.cohort.phantom.anatomy import build_chest
from helpers.cohort.phantom.grid import make_grid
from helpers.cohort.phantom.patient import draw_patient
from helpers.cohort.phantom.vessels import vessels


def drawn(size, seed=3):
    grid, patient = make_grid(size), draw_patient(np.random.default_rng(2))
    chest = build_chest(grid, patient, 0.46, (0.0, 0.0, 0.0), [0.5] * 24)
    return chest, vessels(chest, grid, np.random.default_rng(seed))


def test_vessels_taper_from_the_hila_outward():
    chest, blood = drawn(256)
    height, side = 0.43 * chest.patient.height, np.abs(chest.x - chest.shift)
    level = np.abs(chest.y - height) < 3
    hilum, periphery = blood[level & (side > 2.5) & (side < 5)], blood[level & (side > 9) & (side < 12)]
    assert hilum.mean() > 3 * periphery.mean() > 0


def test_blood_is_the_same_at_every_size_and_differs_between_patients():
    (_, coarse), (_, fine) = drawn(128), drawn(512)
    assert fine.mean() == pytest.approx(coarse.mean(), rel=0.02)
    assert not np.array_equal(coarse, drawn(128, seed=4)[1])
