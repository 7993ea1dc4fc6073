from dataclasses import replace

import numpy as np
import pytest

from helpers.cohort.phantom.anatomy import build_chest
from helpers.cohort.phantom.devices import devices, marker
from helpers.cohort.phantom.grid import make_grid
from helpers.cohort.phantom.patient import DEVICE_RATES, draw_patient

GRID, DICE = make_grid(128), [0.5] * 12


def chest_with(**changes):
    patient = replace(draw_patient(np.random.default_rng(2)), rotation=0.0, tilt=0.0, offset=0.0, **changes)
    return build_chest(GRID, patient, 0.46, (0.0, 0.0, 0.0), [0.5] * 24)


def test_no_device_leaves_no_trace():
    metal, plastic = devices(chest_with(devices=()), GRID, DICE)
    assert metal.max() == 0 and plastic.max() == 0


@pytest.mark.parametrize("name", DEVICE_RATES)
def test_each_device_can_be_seen_alone(name):
    metal, plastic = devices(chest_with(devices=(name,)), GRID, DICE)
    assert (metal + plastic).max() > 0.01 and 0 < ((metal + plastic) > 0).mean() < 0.3


@pytest.mark.parametrize(("letter", "half"), [("R", slice(0, 64)), ("L", slice(64, 128))])
def test_the_marker_stands_on_the_side_that_it_names(letter, half):
    drawn = marker(chest_with(marker=letter), GRID, DICE)
    assert drawn.max() > 0 and drawn[:, half].sum() == pytest.approx(drawn.sum())


def test_no_marker_no_letter():
    assert marker(chest_with(marker=""), GRID, DICE).max() == 0
