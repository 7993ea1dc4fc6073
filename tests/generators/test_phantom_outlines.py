"""Outlines tell which squares of a phantom show which finding."""

import pytest
import torch

from helpers.cohort.phantom import drawn_again
from helpers.errors import ParameterError
from helpers.generators import phantom_outlines
from helpers.generators.phantom_outlines import OUTLINED, PIXELS, SIDE, outlines_in, outlines_of

NAMES = [f"phantom-{number:06d}" for number in range(12)]


def test_a_square_has_the_share_of_it_that_a_mask_covers():
    outlines = outlines_of(1, NAMES)
    assert outlines.shape == (12, len(OUTLINED), SIDE, SIDE) and outlines.dtype == torch.uint8
    for name, found in zip(NAMES, outlines, strict=True):
        for part, squares in zip(OUTLINED, found, strict=True):
            mask = drawn_again(1, name, SIDE * PIXELS).masks[part]
            assert squares.double().mean().item() / 255 == pytest.approx(mask.mean(), abs=1e-3)
            assert (squares[mask[::PIXELS, ::PIXELS]] > 0).all()


def test_a_run_of_phantoms_has_those_of_its_seed_and_one_of_x_rays_has_none(monkeypatch):
    monkeypatch.setattr(phantom_outlines, "cohort_seed", lambda run: 4)
    monkeypatch.setattr(phantom_outlines, "shows_phantoms", lambda run: run == "phantoms")
    assert torch.equal(outlines_in("phantoms")(NAMES[:2]), outlines_of(4, NAMES[:2]))
    with pytest.raises(ParameterError, match="outlining.*set it to 0 in 03_train_diffusion"):
        outlines_in("x-rays")
