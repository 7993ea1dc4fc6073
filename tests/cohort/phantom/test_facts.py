"""What a phantom says about itself is what its image shows."""

import importlib
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import binary_dilation
from sklearn.isotonic import IsotonicRegression

from helpers.cohort.phantom import render, said_facts
from helpers.cohort.phantom.disease import draw_disease
from helpers.cohort.phantom.patient import DEVICE_RATES, draw_patient
from helpers.findings import ORIGINAL

NAMES = ORIGINAL.names

AT, LO, PE, ECS = NAMES
PATIENTS = range(8)
FACTS = (
    {prefix + name for prefix in ("", "severity_", "side_") for name in NAMES}
    | {"ctr", "ctr_image", "atelectasis_kind", "place_atelectasis", "place_lung_opacity"}
    | {"effusion_volume_fraction", "opacity_area_fraction", "opacity_contrast"}
    | {"view", "age", "sex", "habitus", "inspiration", "rotation", "tilt", "exposure", "scale", "marker"}
    | {f"device_{name}" for name in DEVICE_RATES}
)
MASKS = {"lungs", "thorax", "heart", "ribs", "devices", *NAMES}


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    index=st.integers(0, 10**6),
    size=st.sampled_from([32, 33, 47, 64, 90, 128, 200, 256, 1024]),
    findings=st.none() | st.fixed_dictionaries({}, optional={name: st.floats(0, 1) | st.booleans() for name in NAMES}),
)
def test_any_seed_size_and_findings_give_a_whole_image_complete_facts_and_two_lungs(seed, index, size, findings):
    phantom = render(seed, index, findings, size)
    assert phantom.image.shape == (size, size) and phantom.image.dtype == np.float32
    assert np.isfinite(phantom.image).all() and phantom.image.min() >= 0 and phantom.image.max() <= 1
    assert phantom.image.std() > 0.1
    assert phantom.facts.keys() == FACTS and phantom.masks.keys() == MASKS
    assert all(type(value) in (int, float, str) for value in phantom.facts.values())
    assert all(math.isfinite(value) for value in phantom.facts.values() if not isinstance(value, str))
    assert all(mask.shape == (size, size) and mask.dtype == bool for mask in phantom.masks.values())
    lungs, middle = phantom.masks["lungs"], np.flatnonzero(phantom.masks["heart"].any(axis=0)).mean()
    for side in (lungs[:, : round(middle)], lungs[:, round(middle) :]):
        assert side.sum() > 0.02 * size**2
    if findings is not None:
        assert all(phantom.facts[name] == int(findings.get(name, 0) > 0) for name in NAMES)


@pytest.mark.parametrize("findings", [None, {PE: 1, LO: 0.4}])
def test_what_needs_no_image_is_known_without_it(findings):
    who, ill = (np.random.default_rng([3, 8, stream]) for stream in range(2))
    drawn = said_facts(draw_patient(who), draw_disease(ill, findings))
    facts = render(3, 8, findings, 32).facts
    assert drawn.items() <= facts.items()
    assert facts.keys() - drawn.keys() == {
        "ctr_image", "effusion_volume_fraction", "opacity_area_fraction", "opacity_contrast",
    }  # fmt: skip


def width(mask, tilt):
    """Pixels from the leftmost to the rightmost of a mask once the patient's lean (degrees) is straightened."""
    row, column = np.nonzero(mask)
    place = column + math.tan(math.radians(tilt)) * row
    return place.max() - place.min() + 1


@pytest.mark.parametrize("findings", [None, {}, {ECS: 0.9}], ids=["drawn", "healthy", "large heart"])
def test_heart_and_thorax_masks_have_the_stated_cardiothoracic_ratio_within_two_per_cent(findings):
    for index in PATIENTS:
        phantom = render(11, index, findings, size=256)
        heart, thorax = (width(phantom.masks[name], phantom.facts["tilt"]) for name in ("heart", "thorax"))
        assert heart / thorax == pytest.approx(phantom.facts["ctr_image"], rel=0.02), index


@pytest.mark.parametrize("name", NAMES)
def test_severity_zero_absent_and_left_out_are_the_same_image(name):
    healthy = render(4, 1, {})
    for value in (0, 0.0, False):
        other = render(4, 1, {name: value})
        assert other.image.tobytes() == healthy.image.tobytes() and other.facts == healthy.facts
    assert not any(healthy.masks[finding].any() for finding in NAMES)


@pytest.fixture
def attenuations(monkeypatch):
    """Line integrals of every phantom rendered, before scatter, noise and display, in the order of rendering."""
    phantom = importlib.import_module("helpers.cohort.phantom")
    seen, real = [], phantom.line_integral
    monkeypatch.setattr(phantom, "line_integral", lambda depths: seen.append(real(depths)) or seen[-1])
    return seen


def added(attenuations, index, name, severity, size=128):
    """The phantom with a finding, the one without, and the attenuation that the finding adds, (size, size)."""
    healthy, sick = render(4, index, {}, size), render(4, index, {name: severity}, size)
    return sick, healthy, sick.drawn.grid.shrink(attenuations[-1] - attenuations[-2])


def around(mask, size=128):
    """A mask grown by 3 % of the image's side: fluffy and sloping borders lie a little outside of it."""
    return binary_dilation(mask, iterations=round(0.03 * size))


@pytest.mark.parametrize(("name", "share"), [(LO, 0.90), (PE, 0.65), (ECS, 0.95)])
def test_what_a_finding_does_to_the_x_ray_beam_lies_at_its_mask(attenuations, name, share):
    """At moderate severity. An effusion also squeezes the lung beside it, so less of its effect is fluid."""
    for index in PATIENTS:
        sick, _, change = added(attenuations, index, name, 0.5)
        change = np.abs(change)
        assert change[around(sick.masks[name])].sum() > share * change.sum(), index


def test_atelectasis_moves_heart_and_diaphragm_so_its_effect_is_within_the_thorax(attenuations):
    for index in PATIENTS:
        sick, healthy, change = added(attenuations, index, AT, 0.8)
        chest = [phantom.masks[name] for phantom in (sick, healthy) for name in ("thorax", "lungs")]
        assert np.abs(change)[around(np.any(chest, axis=0))].sum() > 0.9 * np.abs(change).sum(), index


@pytest.mark.parametrize("name", [LO, PE])
def test_what_replaces_air_only_ever_adds_attenuation_and_more_when_severe(attenuations, name):
    for index in PATIENTS:
        changes = [added(attenuations, index, name, severity)[2] for severity in (0.2, 0.35, 0.5)]
        assert min(change.min() for change in changes) > -1e-4
        totals = [change.sum() for change in changes]
        assert 0 < totals[0] < totals[1] < totals[2], index


@pytest.mark.parametrize(("name", "severity", "times"), [(AT, 0.5, 4), (LO, 0.5, 15), (PE, 0.5, 6), (ECS, 0.5, 10)])
def test_the_displayed_image_changes_at_the_mask_far_more_than_elsewhere(name, severity, times):
    """Window and equalisation shift all gray values a little, so the two images are first brought to one gray scale
    by the best increasing curve (isotonic regression) outside the mask; what remains is compared."""
    for index in PATIENTS:
        healthy, sick = (render(4, index, findings, size=128).image for findings in ({}, {name: severity}))
        mask = render(4, index, {name: severity}, size=128).masks[name]
        outside = ~around(mask)
        scale = IsotonicRegression(out_of_bounds="clip").fit(healthy[outside], sick[outside])
        change = np.abs(sick - scale.predict(healthy.ravel()).reshape(sick.shape))
        assert change[mask].mean() > times * change[outside].mean(), index


@pytest.mark.parametrize("name", NAMES)
def test_the_displayed_image_changes_more_the_more_severe_the_finding(name):
    def change(index, severity):
        return np.abs(render(4, index, {name: severity}).image - render(4, index, {}).image).mean()

    growth = np.mean([[change(index, severity) for severity in (0.2, 0.55, 0.9)] for index in range(12)], axis=0)
    assert growth[0] > 0.001 and growth[1] > 1.3 * growth[0] and growth[2] > 1.2 * growth[1]


def test_sides_are_those_of_the_patient_whose_right_is_on_the_left_of_the_image():
    for index in range(12):
        phantom = render(6, index, {AT: 0.7, LO: 0.7, PE: 0.7}, size=128)
        heart = np.flatnonzero(phantom.masks["heart"].any(axis=0)).mean()
        for name in (AT, LO, PE):
            column = np.nonzero(phantom.masks[name])[1]
            side, share = phantom.facts[f"side_{name}"], (column > heart).mean()
            if side != "both":
                assert (share > 0.5) == (side == "left"), (index, name)
