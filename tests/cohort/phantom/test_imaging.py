from dataclasses import replace

import numpy as np
import pytest

from helpers.cohort.phantom.grid import make_grid
from helpers.cohort.phantom.imaging import ATTENUATION, collimate, display, equalized, expose, line_integral
from helpers.cohort.phantom.patient import draw_patient

PATIENT = replace(draw_patient(np.random.default_rng(2)), collimation=(-0.01,) * 4, exposure=1.0, view="PA")
GRID, DICE = make_grid(128), [0.5] * 8


def exposed(depth, patient=PATIENT, seed=1):
    return expose(GRID, np.full((128, 128), depth, np.float32), patient, np.random.default_rng(seed))


def test_line_integrals_add_depth_times_attenuation():
    depths = {"soft": np.full((2, 2), 10.0, np.float32), "bone": np.full((2, 2), 0.5, np.float32)}
    assert line_integral(depths) == pytest.approx(10 * ATTENUATION["soft"] + 0.5 * ATTENUATION["bone"])


def test_materials_attenuate_in_their_known_order():
    order = ["air", "lung", "fat", "soft", "bone", "metal"]
    assert sorted(ATTENUATION, key=ATTENUATION.get) == order


def test_more_tissue_lets_less_through_and_air_passes_everything():
    assert exposed(0.0).mean() == pytest.approx(1.0, abs=0.01)
    assert exposed(0.0).mean() > exposed(2.0).mean() > exposed(5.0).mean() > 0
    assert exposed(2.0).mean() > np.exp(-2.0)  # scatter adds to the primary beam


def test_a_lower_dose_is_noisier():
    def noise(exposure):
        return exposed(6.0, replace(PATIENT, exposure=exposure)).std()

    assert noise(0.2) > 1.5 * noise(2.0)


def test_bedside_images_have_more_scatter_so_less_contrast():
    def contrast(view):
        patient = replace(PATIENT, view=view)
        return np.log(exposed(2.0, patient).mean() / exposed(5.0, patient).mean())

    assert contrast("AP") < contrast("PA")


def test_display_is_in_range_and_bright_where_little_gets_through():
    signal = np.repeat(np.exp(-np.linspace(0, 6, 64, dtype=np.float32))[None, :], 64, axis=0)
    shown = display(signal, DICE)
    assert shown.dtype == np.float32 and shown.min() >= 0 and shown.max() <= 1
    assert shown[:, 60].mean() > shown[:, 30].mean() > shown[:, 5].mean()


def test_full_equalisation_spreads_gray_values_evenly_and_keeps_their_order_and_black():
    signal = np.exp(-3 - np.random.default_rng(3).standard_normal((64, 64), dtype=np.float32))
    plain, even = display(signal, DICE, equalization=0.0), display(signal, DICE, equalization=1.0)
    shown = even[even > 0]
    np.testing.assert_allclose(np.percentile(shown, [10, 50, 90]), [0.1, 0.5, 0.9], atol=0.04)
    order = np.argsort(plain, axis=None)
    assert (np.diff(even.ravel()[order]) >= 0).all()
    assert even.min() == 0


def test_equalisation_follows_the_rule_of_equalize_hist():
    level = np.array([[0, 0, 0, 0], [51, 51, 102, 255]]) / 255
    np.testing.assert_allclose(equalized(level), [[0, 0, 0, 0], [0.5, 0.5, 0.75, 1]], atol=1e-6)


def test_an_image_of_one_gray_level_survives_equalisation():
    np.testing.assert_array_equal(equalized(np.full((4, 4), 0.5)), 0)


def test_collimation_blackens_the_borders_that_are_closed():
    image = np.ones((64, 64), np.float32)
    np.testing.assert_array_equal(collimate(image, PATIENT, DICE), image)
    cut = collimate(image, replace(PATIENT, collimation=(0.1, -0.01, -0.01, -0.01)), DICE)
    assert cut[:, :5].max() == 0 and cut[:, 10:].min() == 1
