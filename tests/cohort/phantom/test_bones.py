import numpy as np
import pytest

from helpers.cohort.phantom.anatomy import build_chest
from helpers.cohort.phantom.bones import ribs, spine, tube
from helpers.cohort.phantom.grid import make_grid
from helpers.cohort.phantom.patient import draw_patient

DICE = [0.5] * 12


@pytest.fixture(scope="module")
def chest():
    patient = draw_patient(np.random.default_rng(2))
    return build_chest(make_grid(256), patient, 0.46, (0.0, 0.0, 0.0), [0.5] * 24)


def test_the_wall_of_a_tube_is_thicker_at_its_edge_than_over_its_marrow():
    wall = tube(np.array([0.0, 0.7, 1.0, 1.5]))
    assert wall[1] > wall[0] > 0 and wall[2] == wall[3] == 0


def test_ribs_alternate_with_gaps_and_stay_inside_the_thorax(chest):
    bone = ribs(chest, DICE)
    assert bone[np.abs(chest.x) > chest.lateral * 1.06].max() == 0
    column = bone[:, np.argmin(np.abs(chest.x[128] + 0.5 * chest.patient.width))]
    crossings = np.sum(np.diff((column > 0.1).astype(int)) == 1)
    assert 7 <= crossings <= 20


@pytest.mark.parametrize("draw", [ribs, spine])
def test_bones_are_finite_depths_of_a_few_centimetres(chest, draw):
    bone = draw(chest, DICE)
    assert bone.dtype == np.float32 and bone.shape == (256, 256)
    assert bone.min() >= 0 and 0.2 < bone.max() < 4.5


def test_the_spine_stands_in_the_middle_with_bodies_and_discs(chest):
    bone = spine(chest, DICE)
    assert (bone * np.abs(chest.x)).sum() / bone.sum() < 2
    line = bone[:, np.argmin(np.abs(chest.x[128] - 0.8))]
    assert np.sum(np.diff(np.sign(np.diff(line))) > 0) >= 12  # a trough in every disc


def test_ribs_keep_their_width_where_they_slope(chest):
    level, steep = (
        ribs(chest, DICE)[:, np.argmin(np.abs(chest.x[128] + part * chest.patient.width))] for part in (0.35, 0.85)
    )
    assert (steep > 0.1).mean() > 1.1 * (level > 0.1).mean()
