import numpy as np
import pytest

from helpers.cohort.phantom.anatomy import build_chest
from helpers.cohort.phantom.grid import make_grid
from helpers.cohort.phantom.patient import draw_patient
from helpers.cohort.phantom.shoulders import clavicles, shoulder_blades, upper_arms

DICE, GRID = [0.5] * 12, make_grid(256)


def chest_of(view):
    patient = next(p for p in (draw_patient(np.random.default_rng([2, k])) for k in range(50)) if p.view == view)
    return build_chest(GRID, patient, 0.46, (0.0, 0.0, 0.0), [0.5] * 24)


@pytest.fixture(scope="module")
def chest():
    return chest_of("PA")


def middle(bone, axis):
    return float((bone * axis).sum() / bone.sum())


def test_bones_are_finite_depths_of_a_few_centimetres(chest):
    for bone in (clavicles(chest, DICE), shoulder_blades(chest, GRID, DICE), upper_arms(chest)):
        assert bone.dtype == np.float32 and bone.shape == (256, 256)
        assert np.isfinite(bone).all() and bone.min() >= 0 and 0.2 < bone.max() < 4.5


def test_from_the_midline_outward_come_clavicles_shoulder_blades_and_arms(chest):
    side = np.abs(chest.x)
    out = [
        middle(bone, side) for bone in (clavicles(chest, DICE), shoulder_blades(chest, GRID, DICE), upper_arms(chest))
    ]
    assert out == sorted(out)
    assert middle(clavicles(chest, DICE), chest.y) < 0.25 * chest.patient.height


def test_shoulder_blades_lie_over_the_lungs_at_the_bedside(chest):
    def over_lung(chest):
        bone = shoulder_blades(chest, GRID, DICE)
        return bone[chest.lung > 2].sum() / bone.sum()

    assert over_lung(chest_of("AP")) > 1.3 * over_lung(chest)
