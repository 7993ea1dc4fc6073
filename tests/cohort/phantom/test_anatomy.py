import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.cohort.phantom.anatomy import build_chest
from helpers.cohort.phantom.grid import make_grid
from helpers.cohort.phantom.patient import draw_patient


def chest_of(index, ctr=0.46, loss=(0.0, 0.0, 0.0), size=128):
    generator = np.random.default_rng([8, index])
    patient = draw_patient(generator)
    return build_chest(make_grid(size), patient, ctr, loss, generator.random(24).tolist())


def width_cm(mask, chest):
    """Extent of a mask across the image in cm, pixel edge to pixel edge along straightened rows."""
    return chest.x[mask].max() - chest.x[mask].min() + chest.patient.field / mask.shape[0]


@settings(max_examples=25, deadline=None)
@given(index=st.integers(0, 10_000), ctr=st.floats(0.36, 0.70))
def test_the_heart_has_the_cardiothoracic_ratio_that_was_asked_for(index, ctr):
    chest = chest_of(index, ctr, size=256)
    assert width_cm(chest.heart, chest) / (2 * chest.patient.width) == pytest.approx(ctr, rel=0.02)
    assert width_cm(chest.thorax, chest) == pytest.approx(2 * chest.patient.width, rel=0.02)


@settings(max_examples=25, deadline=None)
@given(index=st.integers(0, 10_000))
def test_every_chest_has_two_lungs_inside_the_body(index):
    chest = chest_of(index)
    for side in (chest.x < 0, chest.x > 0):
        assert ((chest.lung > 2) & side).mean() > 0.02
    assert np.isfinite(chest.lung).all() and np.isfinite(chest.depth).all()
    assert (chest.lung >= 0).all() and (chest.depth[chest.lung > 0] > chest.lung[chest.lung > 0]).all()


def test_the_right_dome_is_higher_and_volume_loss_raises_its_own_side_only():
    chest, lifted = chest_of(3), chest_of(3, loss=(0.0, 2.0, 0.0))
    right, left = chest.x < 0, chest.x > 0
    assert chest.dome[right].min() < chest.dome[left].min()
    assert lifted.dome[left].min() == pytest.approx(chest.dome[left].min() - 2.0, abs=0.01)
    np.testing.assert_array_equal(lifted.dome[right], chest.dome[right])


def test_a_shift_moves_the_heart_and_leaves_the_chest_wall():
    chest, shifted = chest_of(4), chest_of(4, loss=(0.0, 0.0, 1.5))
    np.testing.assert_array_equal(shifted.lateral, chest.lateral)
    assert (shifted.left - chest.left).max() == pytest.approx(1.5, abs=0.01)


def test_the_heart_lies_more_to_the_left():
    chest = chest_of(5)
    assert chest.left.max() > -chest.right.min()
