"""Mixed models of the cues: known odds are found, and what cannot be told is said."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from helpers.errors import StatisticsError
from helpers.stats.cue_models import finding_tests, source_odds
from helpers.stats.mixed.glmm import fit
from helpers.stats.readings import analysed


def named(rows, log_odds, seed=4):
    """The rows with cue soft_tissue named at given log odds, beside spread of readers and cases; else bone."""
    generator = np.random.default_rng(seed)
    reader, case = (pd.factorize(rows[name])[0] for name in ("reader", "case"))
    spread = 0.5 * generator.normal(size=reader.max() + 1)[reader] + 0.5 * generator.normal(size=case.max() + 1)[case]
    chosen = generator.random(len(rows)) < 1 / (1 + np.exp(-(log_odds + spread)))
    cue = pd.Series(np.where(chosen, "soft_tissue", "bone_structure"), index=rows.index)
    return rows.assign(cue=cue.where(rows["rating"] != 0))


def test_known_odds_between_sources_are_found(simulate):
    rows = analysed(simulate(readers=6, cases_per_cell=30), "realism_pair")
    table = source_odds(named(rows, 1.2 * (rows["source"] == "gan") - 0.6)).set_index("cue")
    found = table.loc["soft_tissue"]
    assert found["low"] < np.exp(1.2) < found["high"] and found["p_holm"] < 0.001
    assert table.loc["bone_structure", "odds_ratio"] == pytest.approx(1 / found["odds_ratio"], rel=1e-3)


def test_one_line_is_the_mixed_model_of_that_cue(rows):
    table = source_odds(rows).set_index("cue").loc["soft_tissue"]
    kept = rows[rows["rating"] != 0].assign(chosen=lambda r: (r["cue"] == "soft_tissue").astype(int))
    model = fit("chosen ~ source + finding + (1 | reader) + (1 | case)", kept)
    gan = model.fixed.set_index("term").loc["source[T.gan]"]  # diffusion is the reference
    assert np.log(table["odds_ratio"]) == pytest.approx(gan["estimate"], abs=1e-4)
    assert table["p_value"] == pytest.approx(gan["p"], abs=1e-4)
    assert (table["first"], table["second"]) == ("gan", "diffusion")
    assert table["readings"] == len(kept) and table["chosen"] == kept["chosen"].sum()


def test_a_difference_between_findings_is_found(rows):
    by_finding = rows["finding"].map({"atelectasis": 2.0, "lung_opacity": -1.0}).fillna(0.0).to_numpy()
    table = finding_tests(named(rows, by_finding)).set_index("cue")
    assert table.loc["soft_tissue", "df"] == 3 and table.loc["soft_tissue", "p_holm"] < 0.001


def test_p_values_are_holms_over_all_questions_asked(rows):
    for table in (source_odds(rows, "right"), finding_tests(rows, "right")):
        known = table.dropna(subset="p_value")
        expected = multipletests(known["p_value"].astype(float), method="holm")[1]
        np.testing.assert_allclose(known["p_holm"].astype(float), expected)
        assert (table["call"] == "right").all() and len(known) == 4


def test_a_cue_that_nobody_named_says_so(rows):
    table = source_odds(rows).set_index("cue")
    assert np.isnan(table.loc["other", "odds_ratio"])
    assert table.loc["other", "note"] == "not estimable: no answer names this cue"


def test_a_cue_named_for_one_source_only_has_no_finite_odds(rows):
    gan = (rows["source"] == "gan") & (rows["cue"] == "external_devices")
    only = rows.assign(
        cue=rows["cue"].where(rows["cue"] != "external_devices", "other").where(~gan, "external_devices")
    )
    found = source_odds(only).set_index("cue").loc["external_devices"]
    assert found["odds_ratio"] == np.inf and np.isnan(found["p_value"]) and "separation" in found["note"]


def test_a_spread_that_too_few_answers_cannot_tell_is_said(rows):
    """Each case has one answer, or two that agree: a case either always or never shows the cue."""
    first = rows[rows["rating"] != 0].groupby("case").head(2)
    shown = pd.factorize(first["case"])[0] % 3 == 0
    found = source_odds(first.assign(cue=np.where(shown, "other", "soft_tissue"))).set_index("cue").loc["other"]
    assert "do not rely on the interval" in found["note"]


def test_one_reader_one_source_or_one_finding(rows):
    one = source_odds(rows[rows["reader"] == "reader-1"])
    assert one["odds_ratio"].isna().all() and (one["note"] == "not estimable: one reader").all()
    assert source_odds(rows[rows["source"] == "gan"]).empty
    assert finding_tests(rows[rows["finding"] == "atelectasis"]).empty
    assert source_odds(rows[rows["finding"] == "atelectasis"])["odds_ratio"].notna().any()


def test_without_cues_there_is_nothing_to_model(rows):
    with pytest.raises(StatisticsError, match="'cue'"):
        source_odds(rows.assign(cue=None))
