import numpy as np
import pytest

from helpers.cohort.phantom import render
from helpers.errors import ParameterError


def test_the_same_phantom_comes_whatever_was_rendered_before():
    first = render(1, 5)
    render(1, 6, size=32)
    render(2, 5)
    again = render(1, 5)
    assert first.image.tobytes() == again.image.tobytes() and first.facts == again.facts
    assert first.image.tobytes() != render(1, 6).image.tobytes() != render(2, 6).image.tobytes()


def test_one_patient_is_the_same_at_every_size():
    small, large = render(1, 3, size=64), render(1, 3, size=256)
    assert small.facts.keys() == large.facts.keys()
    for name, value in small.facts.items():
        assert large.facts[name] == (pytest.approx(value, abs=0.03) if isinstance(value, float) else value)
    shrunk = large.image.reshape(64, 4, 64, 4).mean(axis=(1, 3))
    assert np.corrcoef(shrunk.ravel(), small.image.ravel())[0, 1] > 0.97


@pytest.mark.parametrize("size", [31, 2000])
def test_a_size_out_of_range_is_refused(size):
    with pytest.raises(ParameterError, match=str(size)):
        render(1, 1, size=size)


def test_an_equalisation_out_of_range_is_refused():
    with pytest.raises(ParameterError, match="equalization = 2"):
        render(1, 1, equalization=2)


@pytest.mark.parametrize("index", range(6))
def test_an_opacity_changes_the_image_in_its_mask_and_hardly_elsewhere(index):
    clear, sick = render(4, index, {}), render(4, index, {"lung_opacity": 0.8})
    change, mask = sick.image - clear.image, sick.masks["lung_opacity"]
    assert mask.any() and not clear.masks["lung_opacity"].any()
    assert change[mask].mean() > 0.02
    assert np.abs(change[~mask]).mean() < 0.4 * np.abs(change[mask]).mean()


def test_an_effusion_whitens_the_base_of_its_side():
    sick = [render(5, index, {"pleural_effusion": 0.6}) for index in range(8)]
    for index, phantom in enumerate(sick):
        change = phantom.image - render(5, index, {}).image
        assert change[phantom.masks["pleural_effusion"]].mean() > 0.03
        assert phantom.facts["effusion_volume_fraction"] > 0.05
    assert {p.facts["side_pleural_effusion"] for p in sick} <= {"left", "right", "both"}
