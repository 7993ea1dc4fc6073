"""Which rows and columns a model is fitted to, and what it says of those left out."""

import numpy as np
import pandas as pd

from helpers.stats.mixed.glmm import fit


def test_missing_values_are_left_out_and_counted(found, crossed):
    rows = crossed.astype({"correct": float})
    rows.loc[[3, 7], "correct"] = np.nan
    rows.loc[9, "source"] = None
    rows["idle"] = np.nan
    fewer = fit(found.formula, rows)
    assert fewer.notes == (f"3 of {len(rows)} rows are left out: a value is missing",)
    assert fewer.fixed.equals(fit(found.formula, crossed.drop([3, 7, 9])).fixed)


def test_an_empty_cell_drops_its_term_and_says_so(found, crossed):
    fewer = fit(found.formula, crossed[(crossed["source"] != "real") | (crossed["finding"] != "effusion")])
    assert "source[T.real]:finding[T.effusion]" not in fewer.fixed["term"].tolist()
    assert fewer.notes[0].startswith("source[T.real]:finding[T.effusion] is left out")
    table = fewer.marginal(["source", "finding"]).set_index(["source", "finding"])
    assert np.isnan(table.loc[("real", "effusion"), "probability"])
    assert table.loc[("real", "effusion"), "note"].startswith("not estimable")
    assert (table["note"] == "").sum() == 5 and table["low"].notna().sum() == 5


def test_a_column_given_twice_is_dropped_once(crossed):
    found = fit("correct ~ x + twice + (1 | reader)", crossed.assign(twice=2 * crossed["x"]))
    assert found.fixed["term"].tolist() == ["Intercept", "x"] and "twice is left out" in found.notes[0]


def test_the_first_category_is_the_reference(crossed):
    order = pd.CategoricalDtype(["real", "gan", "diffusion", "other"])
    terms = fit("correct ~ source + (1 | reader)", crossed.astype({"source": order})).fixed["term"]
    assert terms.tolist() == ["Intercept", "source[T.gan]", "source[T.diffusion]"]


def test_one_row_a_level_is_noted(crossed):
    rows = crossed.assign(row=[f"row{i}" for i in range(len(crossed))])
    assert any("one row a level" in note for note in fit("correct ~ x + (1 | row)", rows).notes)
