"""The prompt as a random effect: variances against lme4 (tests/reference/prompts.R), power against simulation."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.power import TTestPower

from helpers.errors import StatisticsError
from helpers.runs import PROJECT
from helpers.stats.mixed.glmm import fit
from helpers.stats.prompt_effect import (
    Components,
    components,
    difference,
    of_sources,
    power,
    simulated_power,
    standard_error,
    templates_needed,
)

HERE = PROJECT / "tests" / "reference"
EXPECTED = pd.read_csv(HERE / "prompt_models.csv").query("model == 'score'").set_index(["kind", "term"])["value"]
READINGS = pd.read_csv(HERE / "prompt_readings.csv")
WORDS = READINGS[READINGS["source"] == "words"]
SPREAD = Components(reader=0.4, template=0.5, reader_template=0.2, case=0.6, rest=1.0)


def drawn(generator, readers=4, templates=5, images=3, share=1.0, shared=(0.0, 0.0)):
    """Readings of two prompted sources and one plain one with variances SPREAD; ``shared``: further effects of readers
    and of templates, alike in all sources."""
    spread = {name: np.sqrt(getattr(SPREAD, name)) for name in vars(SPREAD)}
    alike = generator.normal(size=readers) * shared[0], generator.normal(size=templates) * shared[1]
    tables = []
    for source in ("one", "two", "plain"):
        r, t, c = (a.ravel() for a in np.indices((readers, templates, images)))
        y = alike[0][r] + spread["reader"] * generator.normal(size=readers)[r]
        if source != "plain":
            y = y + alike[1][t] + spread["template"] * generator.normal(size=templates)[t]
            y = y + spread["reader_template"] * generator.normal(size=(readers, templates))[r, t]
        y = y + spread["case"] * generator.normal(size=(templates, images))[t, c]
        y = y + spread["rest"] * generator.normal(size=len(y))
        table = pd.DataFrame({"reader": r, "template": t if source != "plain" else None, "score": y, "source": source})
        tables.append(table.assign(case=[f"{source}-{a}-{b}" for a, b in zip(t, c, strict=True)]))
    return pd.concat(tables)[generator.random(3 * readers * templates * images) < share]


def test_variances_of_a_complete_table_are_those_of_lme4():
    """Of complete tables with no negative variance, restricted likelihood gives the moments."""
    found = components(WORDS, "score")
    terms = {"reader": "reader", "template": "template", "reader_template": "reader:template", "case": "case"}
    for name, term in (terms | {"rest": "Residual"}).items():
        assert getattr(found, name) == pytest.approx(EXPECTED["variance", term], rel=1e-5)
    error, degrees = standard_error(found, readers=7, templates=8, images=5)
    assert error == pytest.approx(EXPECTED["standard_error", "mean"], rel=1e-6)
    assert 6 <= degrees <= 6 * 7


def test_the_mixed_model_finds_the_same_variances():
    formula = "score ~ 1 + (1 | reader) + (1 | template) + (1 | reader:template) + (1 | case)"
    random = fit(formula, WORDS, "gaussian", reml=True).random.set_index("group")["standard_deviation"] ** 2
    found = components(WORDS, "score")
    named = {"reader": found.reader, "template": found.template, "case": found.case, "residual": found.rest}
    assert random[list(named)].tolist() == pytest.approx(list(named.values()), rel=1e-3)


@pytest.mark.parametrize("share", [1.0, 0.7])
def test_moments_are_unbiased_with_and_without_missing_cells(share):
    generator = np.random.default_rng(4)
    sets = [vars(components(drawn(generator, share=share).query("source == 'one'"), "score")) for _ in range(120)]
    table = pd.DataFrame(sets)
    z = (table.mean() - pd.Series(vars(SPREAD))) / (table.std() / np.sqrt(len(table)))
    assert z.abs().max() < 3.5


@pytest.mark.parametrize("second", ["two", "plain"])
def test_what_is_alike_in_both_sources_drops_out_of_their_difference(second):
    generator = np.random.default_rng(6)
    shared = (1.5, 1.5) if second == "two" else (1.5, 0.0)
    sets = [vars(difference(drawn(generator, shared=shared), "one", second, "score")) for _ in range(120)]
    table = pd.DataFrame(sets)
    times = 2 if second == "two" else 1
    expected = {"reader": 0.8, "template": 0.5 * times, "reader_template": 0.2 * times, "case": 1.2, "rest": 2.0}
    z = (table.mean() - pd.Series(expected)) / (table.std() / np.sqrt(len(table)))
    assert z.abs().max() < 3.5


@pytest.mark.parametrize(
    ("readers", "templates", "images", "effect"), [(8, 10, 4, 1.0), (12, 6, 8, 1.2), (6, 20, 2, 0)]
)
def test_power_is_that_of_simulated_studies(readers, templates, images, effect):
    found = power(SPREAD, effect, readers, templates, images)
    assert simulated_power(SPREAD, effect, readers, templates, images, sets=10_000) == pytest.approx(found, abs=0.025)


def test_without_effects_of_templates_and_cases_power_is_that_of_a_t_test_over_readers():
    spread = Components(reader=1.0, template=0.0, reader_template=0.0, case=0.0, rest=0.0)
    expected = TTestPower().power(effect_size=0.9, nobs=9, alpha=0.05)
    assert power(spread, 0.9, readers=9, templates=5, images=3) == pytest.approx(expected, abs=1e-6)


def test_power_rises_to_one_with_templates_and_effect():
    spread = Components(reader=0.0002, template=-0.0003, reader_template=0.0016, case=0.05, rest=0.21)
    found = [power(spread, 0.1, readers=3, templates=count, images=20) for count in range(2, 200)]
    assert (np.diff(found) > -1e-3).all() and found[0] < 0.2 and found[-1] > 0.99
    assert power(spread, 5.0, readers=3, templates=5, images=20) == pytest.approx(1.0)


def test_more_images_do_not_stand_in_for_more_templates():
    few, many = (power(SPREAD, 0.7, readers=20, templates=4, images=n) for n in (10, 1000))
    assert many < 0.5 and power(SPREAD, 0.7, readers=20, templates=20, images=10) > 0.75 > many > few


def test_the_fewest_templates_reach_the_power_and_one_fewer_does_not():
    table = templates_needed(SPREAD, 1.0, readers=[4, 12], images=[1, 10])
    assert table["templates"].isna().tolist() == [True, True, False, False]
    assert table["note"][0].endswith("take more readers") and table["note"][3] == ""
    for row in table.dropna(subset="templates").itertuples():
        assert row.power == power(SPREAD, 1.0, row.readers, row.templates, row.images) >= 0.8
        assert power(SPREAD, 1.0, row.readers, row.templates - 1, row.images) < 0.8


def test_shares_are_of_the_variances_that_are_not_negative():
    table = Components(0.2, -0.1, 0.0, 0.3, 0.5).table()
    assert table["component"].tolist() == ["reader", "template", "reader x template", "case", "rest"]
    assert table["share"].tolist() == pytest.approx([0.2, 0.0, 0.0, 0.3, 0.5])


def test_sources_without_prompts_have_no_part_in_the_question():
    assert of_sources(READINGS, ["words"], "score") == components(WORDS, "score")
    assert of_sources(READINGS, ["words", "real"], "score") == difference(READINGS, "words", "real", "score")
    with pytest.raises(StatisticsError, match="no images of real have two prompt templates or more"):
        of_sources(READINGS, ["real"], "score")


def test_what_cannot_be_estimated_is_an_error_that_says_why():
    with pytest.raises(StatisticsError, match="one template only"):
        components(WORDS[WORDS["template"] == "t1"], "score")
    with pytest.raises(StatisticsError, match="cannot be told apart"):
        components(WORDS[WORDS["case"].str.endswith("-1")], "score")
    with pytest.raises(StatisticsError, match="fewer than two readers read both"):
        halves = (READINGS["source"] == "words") == (READINGS["reader"] < "r4")
        difference(READINGS[halves], "words", "real", "score")
    with pytest.raises(StatisticsError, match="need at least 2, 2 and 1"):
        power(SPREAD, 1.0, readers=5, templates=1, images=9)
