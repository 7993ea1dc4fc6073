"""Covariates enter where they are there: planted effects are found, others are said not to be known."""

import numpy as np
import pandas as pd
import pytest

from helpers.stats.covariates import by_severity, covariate_effects
from helpers.stats.readings import analysed
from helpers.tables import CONDITIONALITY


@pytest.fixture(scope="module")
def rows(simulate):
    """Readings of eight readers; the more severe a finding is, the more often it is seen."""
    rows = analysed(simulate(readers=8, cases_per_cell=10), CONDITIONALITY)
    rng = np.random.default_rng(3)
    cases = pd.Series(rng.uniform(0.05, 1, rows["case"].nunique()), index=rows["case"].unique())
    severity = rows["case"].map(cases).where(rows["truth"] == 1, 0.0)
    seen = rng.random(len(rows)) < np.where(rows["truth"] == 1, 0.3 + 0.65 * severity, 0.8)
    years = rows["reader"].map({f"reader-{k + 1}": 2.0 + 4 * k for k in range(8)})
    return rows.assign(severity=severity, experience_years=years, correct=pd.array(seen.astype(int), dtype="Int64"))


def test_a_planted_effect_of_severity_is_found_and_one_of_experience_is_not(rows):
    table = covariate_effects(rows).set_index("covariate")
    severity, experience = table.loc["Severity, where present"], table.loc["Experience of the reader"]
    assert severity["low"] > 1.1 and severity["p_holm"] < 0.001 and severity["contrast"] == "per 0.1"
    assert severity["readings"] == (rows["truth"] == 1).sum()
    assert experience["low"] < 1 < experience["high"]
    assert (table["p_holm"] >= table["p"]).all() and (table["family_size"] == 2).all()


def test_an_effect_between_readers_says_when_it_hangs_on_few(rows):
    few = rows[rows["reader"].isin([f"reader-{k}" for k in (1, 4, 8)])]
    note = covariate_effects(few).set_index("covariate").loc["Experience of the reader", "note"]
    assert note == "only 3 readers: depends on single readers"


def test_a_prompt_template_is_compared_within_the_images_that_have_one(rows):
    synthetic = rows["source"] != "real"
    names = rows["case"].map(lambda case: ("words", "sentence")[sum(map(ord, case)) % 2])
    better = np.random.default_rng(5).random(len(rows)) < np.where(names == "words", 0.9, 0.5)
    told = rows.assign(template=names.where(synthetic), correct=pd.array(better.astype(int), dtype="Int64"))
    line = covariate_effects(told).set_index("covariate").loc["Prompt template"]
    assert line["contrast"] == "words minus sentence" and line["low"] > 1
    assert line["readings"] == synthetic.sum()


def test_many_templates_are_a_random_effect_beside_another_covariate(rows):
    """Templates differ widely: without their effect the interval of a covariate that goes with them is too narrow."""
    template = "t" + rows["case"].map({case: k % 8 for k, case in enumerate(rows["case"].unique())}).astype(str)
    ability = template.map(dict(zip(sorted(set(template)), np.linspace(0.15, 0.95, 8), strict=True)))
    seen = (np.random.default_rng(7).random(len(rows)) < ability).astype(int)
    known = rows.assign(severity=template.str[1:].astype(int) / 10, correct=pd.array(seen, dtype="Int64"))
    wide, narrow = (
        covariate_effects(table).set_index("covariate").loc["Severity, where present"]
        for table in (known.assign(template=template), known)
    )
    assert np.log(wide["high"] / wide["low"]) > 1.05 * np.log(narrow["high"] / narrow["low"])


def test_the_heart_is_easier_the_further_its_ratio_lies_from_the_limit(rows):
    ctr = 0.5 + 0.2 * (rows["case"].map({c: k / 200 for k, c in enumerate(rows["case"].unique())}) - 0.25)
    seen = np.random.default_rng(6).random(len(rows)) < 0.5 + np.minimum(9 * (ctr - 0.5).abs(), 0.49)
    table = covariate_effects(rows.assign(ctr=ctr, correct=pd.array(seen.astype(int), dtype="Int64")))
    line = table.set_index("covariate").loc["Distance of the cardiothoracic ratio from 0.5"]
    assert line["odds_ratio"] > 1 and line["readings"] == (rows["finding"] == "enlarged_cardiac_silhouette").sum()


def test_a_model_that_cannot_be_fitted_is_a_line_without_numbers(rows):
    line = covariate_effects(rows.assign(correct=pd.array([1] * len(rows), dtype="Int64"))).iloc[0]
    assert np.isnan(line["odds_ratio"]) and line["note"].endswith(": every decided answer is alike")


def test_readings_without_covariates_give_an_empty_table(simulate):
    table = covariate_effects(analysed(simulate(), CONDITIONALITY))
    assert table.empty and "p_holm" in table


def test_more_severe_findings_are_seen_more_often(rows):
    table = by_severity(rows).query("conclusion == 'these readers'")
    assert table["severity"].tolist() == ["slight", "moderate", "severe"]
    assert table["value"].is_monotonic_increasing


def test_unknown_severities_cannot_be_banded(simulate):
    assert by_severity(analysed(simulate(), CONDITIONALITY)).empty
