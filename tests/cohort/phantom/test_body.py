from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from helpers.cohort.phantom.body import build_body
from helpers.cohort.phantom.grid import make_grid
from helpers.cohort.phantom.patient import draw_patient

PATIENT = replace(draw_patient(np.random.default_rng(2)), view="PA", sex="M", field=44.0, scale=1.0, height=22.0)
GRID = make_grid(128)
X, Y = (GRID.across * 44.0).astype(np.float32) * np.ones((128, 1), np.float32), GRID.down * np.float32(44.0) - 7


def body(patient=PATIENT, dice=None):
    return build_body(X, Y, patient, dice or [0.5] * 24)


@given(index=st.integers(0, 10_000), dice=st.lists(st.floats(0, 1), min_size=24, max_size=24))
def test_every_body_is_as_deep_as_people_are_and_fat_is_part_of_it(index, dice):
    made = body(draw_patient(np.random.default_rng([4, index])), dice)
    assert made.depth.dtype == np.float32 and np.isfinite(made.depth).all() and np.isfinite(made.fat).all()
    assert made.depth.min() >= 0 and 14 < np.percentile(made.depth, 95) < 45
    assert made.fat.min() >= 0 and made.fat[made.depth == 0].max(initial=0) == 0


def test_the_outline_has_a_neck_sloping_shoulders_and_armpits():
    inside = body().depth > 0.5
    rows = Y[:, 0]

    def width(y):
        return inside[np.argmin(np.abs(rows - y))].mean() * 44.0

    assert 9 < width(-6) < 20 < 30 < width(3)
    line = inside[np.argmin(np.abs(rows - 16))]
    right_half = line[64:]
    assert np.sum(np.diff(right_half.astype(int)) == -1) >= 1  # air between chest and arm, or beyond the chest


def test_arms_hang_at_the_bedside_and_are_held_away_in_a_standing_patient():
    side = np.abs(X)
    standing, lying = body(), body(replace(PATIENT, view="AP"))
    low = (Y > 18) & (Y < 24) & (side > 17.5)
    assert lying.depth[low].mean() > standing.depth[low].mean()


def test_breasts_add_a_dome_with_a_clear_lower_edge():
    man, woman = body(replace(PATIENT, sex="M", habitus=0.0)), body(replace(PATIENT, sex="F", habitus=0.5), [0.9] * 24)
    column = np.argmin(np.abs(X[0] - 0.7 * PATIENT.width))
    added = (woman.depth - man.depth)[:, column]
    rows = (Y[:, 0] > 8) & (Y[:, 0] < 30)
    assert added[rows].max() > 1.5
    assert np.diff(added[rows]).min() < -0.25  # falls quickly at the lower edge
