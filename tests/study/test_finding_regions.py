"""Masks of phantoms that readers were asked about."""

import numpy as np
import pandas as pd

from helpers.cohort.phantom import render
from helpers.study.finding_regions import phantom_masks


def test_masks_are_those_of_the_phantoms_that_have_the_finding():
    truths = [render(4, index, size=32).facts["pleural_effusion"] for index in range(12)]
    present, absent = truths.index(1), truths.index(0)
    rows = pd.DataFrame(
        [(f"phantom-{present:06d}", "real", 1), (f"phantom-{absent:06d}", "real", 0), ("gan-7", "gan", 1)],
        columns=["case", "source", "truth"],
    ).assign(finding="pleural_effusion")
    masks = phantom_masks(pd.concat([rows, rows]), cohort_seed=4, size=64)
    assert list(masks) == [f"phantom-{present:06d}"]
    mask = masks[f"phantom-{present:06d}"]
    assert mask.shape == (64, 64) and 0 < mask.mean() < 0.5
    np.testing.assert_array_equal(mask, render(4, present, size=64).masks["pleural_effusion"])
