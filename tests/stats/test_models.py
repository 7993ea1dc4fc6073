import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.runs import PROJECT
from helpers.stats import mrmc
from helpers.stats.models import (
    accuracy_formula,
    accuracy_model,
    attempt,
    effects,
    estimators,
    rating_model,
    repeat_in_r,
)
from helpers.stats.readings import analysed
from helpers.tables import CONDITIONALITY, PAIR

HERE = PROJECT / "tests" / "reference"


@pytest.fixture
def pairs(simulate):
    return analysed(simulate(readers=4, cases_per_cell=8), PAIR)


@pytest.fixture
def ratings(simulate):
    return analysed(simulate(readers=4, separation={"gan": 0.1, "diffusion": 0.8, "real": 1.4}), CONDITIONALITY)


def test_the_formula_has_what_varies_and_nothing_else(pairs):
    assert accuracy_formula(pairs) == "correct ~ source + finding + side + position + (1 | reader) + (1 | case)"
    alone = pairs[(pairs["source"] == "gan") & (pairs["reader"] == "reader-1")].assign(side=None)
    with pytest.raises(StatisticsError, match="nothing for a mixed model"):
        accuracy_formula(alone)
    assert accuracy_formula(pairs.assign(side=None, source="gan", finding="x", position=3)) == (
        "correct ~ 1 + (1 | reader) + (1 | case)"
    )


def test_prompt_templates_enter_where_there_are_at_least_five_with_several_images_each(pairs):
    image = pairs["case"].str.extract(r"(\d+)$")[0].astype(int)
    five, four = ("t" + (image % count).astype(str) for count in (5, 4))
    synthetic = pairs["source"] == "gan"
    term = "(0 + prompted | template)"
    assert accuracy_formula(pairs.assign(template=five.where(synthetic))).endswith(term)
    assert accuracy_formula(pairs.assign(template=five)).endswith("+ (1 | template)")
    for too_few in (four, pairs["case"], None):
        assert "template" not in accuracy_formula(pairs.assign(template=too_few))


def test_a_model_with_templates_of_one_source_is_that_of_glmmtmb():
    """glmmTMB's numbers are of tests/reference/prompts.R; images that were not prompted stay in the model."""
    rows = pd.read_csv(HERE / "prompt_readings.csv")
    expected = pd.read_csv(HERE / "prompt_models.csv").query("model == 'logistic'").set_index(["kind", "term"])["value"]
    fit = accuracy_model(rows)
    assert fit.formula == "correct ~ source + (1 | reader) + (1 | case) + (0 + prompted | template)" and not fit.notes
    assert fit.fixed["estimate"].tolist() == pytest.approx(expected["estimate"].tolist(), abs=1e-3)
    assert fit.fixed["standard_error"].tolist() == pytest.approx(expected["standard_error"].tolist(), rel=1e-3)
    random = fit.random.set_index("group")
    assert (random["standard_deviation"] ** 2).to_dict() == pytest.approx(expected["variance"].to_dict(), abs=1e-3)
    assert random.loc["template", "levels"] == 8


def test_model_and_proportions_of_decided_answers_agree(pairs):
    fit = accuracy_model(pairs)
    chances = fit.marginal(["source"]).set_index("source")["probability"]
    plain = pairs[pairs["correct"].notna()].astype({"correct": float}).groupby("source")["correct"].mean()
    np.testing.assert_allclose(chances[plain.index], plain, atol=0.03)


def test_effects_are_odds_ratios_in_words(pairs):
    table = effects(accuracy_model(pairs)).set_index("term")
    assert "source = gan" in table.index and "Intercept" not in table.index
    assert (table["low"] < table["odds_ratio"]).all() and (table["odds_ratio"] < table["high"]).all()


def test_an_effect_without_a_finite_estimate_says_why_it_has_no_interval(pairs):
    told = pairs.assign(correct=pairs["correct"].where(pairs["source"] != "gan", 1))
    line = effects(accuracy_model(told, "correct ~ source + (1 | reader)")).set_index("term").loc["source = gan"]
    assert np.isinf(line["odds_ratio"]) and np.isnan(line["low"]) and "without error" in line["note"]


def test_nothing_decided_is_said(pairs):
    with pytest.raises(StatisticsError, match="no answer was decided"):
        accuracy_model(pairs.assign(correct=np.nan, rating=0))


def test_ratings_rise_most_with_the_truth_where_images_show_it_best(ratings):
    table = effects(rating_model(ratings)).set_index("term")["odds_ratio"]
    shown = [table[f"truth:source = {source}"] for source in ("gan", "diffusion", "real")]
    assert shown == sorted(shown)


def test_every_estimator_gives_the_same_difference_and_a_like_interval(ratings):
    table = estimators(ratings)
    main = mrmc.auc_difference(ratings, "real", "gan").set_index("conclusion").loc["readers like these"]
    own = table[(table["first"] == "real") & (table["second"] == "gan")]
    assert len(own) == 4
    np.testing.assert_allclose(own["value"], main["value"], atol=1e-9)
    assert (
        (own["high"] - own["low"]).between(0.5 * (main["high"] - main["low"]), 2 * (main["high"] - main["low"])).all()
    )


def test_an_estimator_that_cannot_be_used_says_why(ratings):
    both = ratings.assign(case=ratings["case"].str.replace(r"atelectasis|lung_opacity", "x", regex=True))
    table = estimators(both)
    blank = table[table["value"].isna()]
    assert len(blank) and (blank["note"].str.len() > 10).all()


def test_a_model_is_shown_only_where_it_says_something(pairs):
    fit, said = attempt(accuracy_model, pairs)
    assert fit is not None and said.startswith("correct ~ source")
    told = pairs.assign(correct=(pairs["case"] != pairs["case"].iloc[0]).astype(int))  # one case is always missed
    fit, said = attempt(accuracy_model, told, "correct ~ 1 + (1 | reader) + (1 | case)")
    assert fit is None and "without bound" in said and "cannot carry the model" in said
    fit, said = attempt(accuracy_model, pairs.assign(correct=1))
    assert fit is None and "the same in all rows" in said


def test_a_fit_leaves_its_r_script_or_says_why_not(pairs, tmp_path):
    said = repeat_in_r(accuracy_model(pairs), tmp_path / "realism")
    assert said == "`model.R` and `model.csv` in realism repeat this fit with R."
    assert "glmer(correct ~ source" in (tmp_path / "realism" / "model.R").read_text()
    odd = accuracy_model(pairs, "correct ~ bs(position, df=3) + (1 | reader)")
    assert repeat_in_r(odd, tmp_path).startswith("No R script was written: formula 'correct ~ bs(")
