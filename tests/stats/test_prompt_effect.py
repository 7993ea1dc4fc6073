"""The prompt as a random effect: variances against lme4 (tests/reference/prompts.R)."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.runs import PROJECT
from helpers.stats.mixed.glmm import fit
from helpers.stats.prompt_effect import (
    Components,
    components,
    difference,
    of_sources,
)
from helpers.stats.prompt_power import standard_error

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
