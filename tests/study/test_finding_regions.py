"""Masks of phantoms that readers were asked about."""

import numpy as np
import pandas as pd

from helpers.cohort.phantom import render
from helpers.study import finding_regions
from helpers.study.finding_regions import masks_of_plan, masks_of_run, phantom_masks


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


def test_a_run_has_masks_where_phantoms_were_marked(monkeypatch):
    index = [render(9, index, size=32).facts["atelectasis"] for index in range(20)].index(1)
    rows = pd.DataFrame([(f"phantom-{index:06d}", "real", 1, "atelectasis")])
    rows.columns = ["case", "source", "truth", "finding"]
    kinds = iter([True, False])
    monkeypatch.setattr(finding_regions, "shows_phantoms", lambda run: next(kinds))
    monkeypatch.setattr(finding_regions, "cohort_seed", lambda run: 9)
    assert masks_of_run("run", rows) == masks_of_run("run", rows.assign(mark_x=np.nan)) == {}
    assert list(masks_of_run("run", rows.assign(mark_x=0.5))) == [f"phantom-{index:06d}"]
    assert masks_of_run("run", rows.assign(mark_x=0.5)) == {}


def test_a_plan_has_masks_of_what_may_be_marked(monkeypatch):
    index = [render(9, index, size=32).facts["atelectasis"] for index in range(20)].index(1)
    image = f"phantom-{index:06d}"
    lines = [
        ("conditionality", image, 1),
        ("realism_pair", f"{image}+gan-1", 1),
        ("conditionality", "phantom-000099", 0),
    ]
    plan = pd.DataFrame(lines, columns=["task", "images", "present"]).assign(source="real", finding="atelectasis")
    monkeypatch.setattr(finding_regions, "shows_phantoms", lambda run: run == "phantoms")
    monkeypatch.setattr(finding_regions, "cohort_seed", lambda run: 9)
    assert list(masks_of_plan("phantoms", plan)) == [image]
    assert masks_of_plan("patients", plan) == {}
