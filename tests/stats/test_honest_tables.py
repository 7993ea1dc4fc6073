"""What must hold of any table of readings: an interval or a reason, and nothing that depends on names or order."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.stats import models
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.mrmc import all_auc_differences, auc, auc_difference
from helpers.stats.mrmc.gallas import one_shot
from helpers.stats.mrmc.obuchowski_rockette import obuchowski_rockette
from helpers.stats.proportions import accuracy, all_differences, difference

NUMBERS = ["value", "low", "high", "standard_error", "degrees_of_freedom", "p_value"]
PROPERTY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def tables(draw) -> pd.DataFrame:
    """Two sources, on the same cases or on their own, some readings missing, ratings from all alike to all apart."""
    readers, cases, crossed = draw(st.integers(1, 4)), draw(st.integers(1, 8)), draw(st.booleans())
    generator = np.random.default_rng(draw(st.integers(0, 10_000)))
    skill, levels = draw(st.sampled_from([0.0, 1.0, 9.0])), draw(st.integers(1, 5))
    present, kept = draw(st.sampled_from([0.0, 0.5, 1.0])), draw(st.sampled_from([0.4, 0.8, 1.0]))
    lines = []
    truths = generator.random(cases) < present
    for source in ("film", "digital"):
        nested = draw(st.booleans())
        for case, truth in enumerate(truths):
            for reader in range(readers):
                if generator.random() > kept:
                    continue
                rating = np.clip(round(generator.normal(skill * (2 * truth - 1), 1.0) * levels / 4), -2, 2)
                name = f"{'' if crossed else source}-{case}"
                lines.append((f"{source if nested else ''}r{reader}", name, source, "nodule", int(truth), rating))
    rows = pd.DataFrame(lines, columns=["reader", "case", "source", "finding", "truth", "rating"])
    right = np.where(rows["rating"] == 0, np.nan, (rows["rating"] > 0) == rows["truth"])
    return rows.assign(correct=pd.array(right, dtype="Float64").astype("Int64"))


@PROPERTY
@given(tables())
def test_every_estimate_has_an_interval_or_a_reason(rows):
    if rows["source"].nunique() == 0:
        return
    found = [auc(rows, ["source"]), all_auc_differences(rows), accuracy(rows, ["source"]), all_differences(rows)]
    for table in found:
        for line in table.to_dict("records"):
            if np.isfinite([line["low"], line["high"]]).all():
                assert line["low"] - 1e-12 <= line["value"] <= line["high"] + 1e-12 and line["low"] < line["high"], line
            else:
                assert "not estimable" in line["note"] or "no interval" in line["note"], line


@settings(PROPERTY, max_examples=12)
@given(tables())
def test_every_way_to_estimate_has_an_interval_or_a_reason(rows):
    if rows["source"].nunique() == 0:
        return
    for line in models.estimators(rows).to_dict("records"):
        assert np.isfinite([line["low"], line["high"]]).all() or line["note"], line


@PROPERTY
@given(tables(), st.integers(0, 1000))
def test_nothing_depends_on_the_order_of_rows_or_on_names(rows, seed):
    if rows["source"].nunique() < 2:
        return
    names = {"reader": lambda r: f"z{hash(r) % 97}-{r}", "case": lambda c: f"{hash(c) % 89}/{c}"}
    other = rows.sample(frac=1, random_state=seed).assign(**{n: rows[n].map(f) for n, f in names.items()})
    for compare in (auc_difference, difference):
        one, two = compare(rows, "film", "digital"), compare(other, "film", "digital")
        np.testing.assert_allclose(one[NUMBERS], two[NUMBERS].to_numpy(), rtol=1e-7, atol=1e-9)
        assert one["note"].tolist() == two["note"].tolist()
        back = compare(rows, "digital", "film")
        turned = back.assign(value=-back["value"], low=-back["high"], high=-back["low"])
        np.testing.assert_allclose(one[NUMBERS], turned[NUMBERS], rtol=1e-7, atol=1e-9)


def answers(right: np.ndarray) -> pd.DataFrame:
    """Answers (readers, cases), 1 right, to one source."""
    reader, case = np.indices(right.shape)
    table = {"reader": [f"r{r}" for r in reader.ravel()], "case": [f"c{c:03d}" for c in case.ravel()]}
    return pd.DataFrame(table | {"source": "film", "correct": pd.array(right.ravel().astype(int), dtype="Int64")})


@PROPERTY
@given(st.integers(2, 5), st.integers(8, 60), st.integers(0, 10_000))
def test_a_first_wrong_answer_never_narrows_the_interval(readers, cases, seed):
    generator = np.random.default_rng(seed)
    right = np.ones((readers, cases))
    perfect = accuracy(answers(right))
    right[generator.integers(readers), generator.integers(cases)] = 0
    spoiled = accuracy(answers(right))
    for conclusion in (0, 1):
        one, two = perfect.loc[conclusion], spoiled.loc[conclusion]
        assert two["low"] <= one["low"] and two["high"] - two["low"] >= one["high"] - one["low"]
        assert two["high"] < one["high"] or two["high"] > 0.99


def test_perfect_readers_have_no_wide_interval_for_others():
    table = accuracy(answers(np.ones((2, 20))))
    assert table["low"].tolist() == pytest.approx(
        [32 / (32 + 2.093024**2)] * 2, abs=1e-6
    )  # t with 19 degrees of freedom


@PROPERTY
@given(st.integers(2, 5), st.integers(10, 40), st.integers(0, 10_000))
def test_more_cases_like_those_narrow_the_interval(readers, cases, seed):
    right = np.random.default_rng(seed).random((readers, cases)) < 0.8
    few, many = accuracy(answers(right)), accuracy(answers(np.hstack([right] * 3)))
    width = [(table["high"] - table["low"]).iloc[0] for table in (few, many)]
    assert width[1] < width[0]


def test_readers_who_agree_more_give_a_narrower_interval_for_others():
    base = (np.arange(40) % 4 > 0).astype(int)
    apart = np.array([base, np.ones(40), (np.arange(40) % 2 > 0)])
    alike = np.array([base, np.roll(base, 1), np.roll(base, 2)])
    wide, narrow = (accuracy(answers(right)).set_index("conclusion").loc[LIKE] for right in (apart, alike))
    assert narrow["high"] - narrow["low"] < wide["high"] - wide["low"]


def ratings(generator: np.random.Generator, readers, cases=30, sources=("film", "digital")) -> pd.DataFrame:
    """Ratings of the same cases in both sources; ``readers``: names, by source."""
    lines = []
    for source in sources:
        for reader in readers[source]:
            for case in range(cases):
                rating = np.clip(round(generator.normal(2 * (case % 2) - 1, 1)), -2, 2)
                lines.append((reader, f"c{case}", source, "nodule", case % 2, rating))
    return pd.DataFrame(lines, columns=["reader", "case", "source", "finding", "truth", "rating"])


def test_a_case_that_nobody_read_in_one_source_changes_little():
    rows = ratings(np.random.default_rng(1), dict.fromkeys(("film", "digital"), ("r1", "r2", "r3")))
    whole = auc_difference(rows, "film", "digital")
    less = auc_difference(rows[~((rows["case"] == "c1") & (rows["source"] == "film"))], "film", "digital")
    assert less[["low", "high", "p_value"]].notna().all(axis=None)
    np.testing.assert_allclose(less[["low", "high"]], whole[["low", "high"]], atol=0.05)


def test_sources_without_a_common_reader_are_compared_as_the_one_shot_method_does():
    readers = {"film": ("a1", "a2", "a3"), "digital": ("b1", "b2", "b3", "b4")}
    rows = ratings(np.random.default_rng(2), readers, cases=60)
    line = auc_difference(rows, "film", "digital").set_index("conclusion").loc[LIKE]
    known = one_shot(rows).differences.iloc[0]
    sign = 1 if known["first"] == "film" else -1
    assert line["value"] == pytest.approx(sign * known["value"])
    assert line["standard_error"] == pytest.approx(known["standard_error"], rel=0.35)
    assert "different readers" in line["note"] and line["readers"] == 7
    table = models.estimators(rows).set_index("method")
    assert table.loc["Gallas, one-shot", "low"] < 0 and table["note"].str.contains("no reader").sum() == 3


def test_readers_who_move_alike_have_no_certainty_from_rounding():
    rows = ratings(np.random.default_rng(3), dict.fromkeys(("film", "digital"), ("r1",)))
    rows = pd.concat([rows, rows.assign(reader="r2")])
    found = obuchowski_rockette(rows)
    assert found.components.set_index("component").loc["MS(TR)", "value"] == 0
    line = found.differences.iloc[0]
    assert "not estimable" in line["note"] if np.isnan(line["p_value"]) else line["p_value"] > 1e-6


def test_one_source_has_an_empty_table_of_differences():
    rows = ratings(np.random.default_rng(4), {"film": ("r1", "r2")}, sources=("film",))
    assert models.estimators(rows).empty and "p_value" in models.estimators(rows)
    assert all_auc_differences(rows).empty


def test_numbers_and_ordered_categories_are_labels_and_ratings_too():
    rows = ratings(np.random.default_rng(5), dict.fromkeys(("film", "digital"), ("r1", "r2")))
    number = rows.assign(source=rows["source"].map({"film": 1, "digital": 2}))
    rated = rows.assign(rating=pd.Categorical(rows["rating"], categories=[-2, -1, 0, 1, 2], ordered=True))
    expected = auc_difference(rows, "film", "digital")[NUMBERS]
    np.testing.assert_allclose(all_auc_differences(number)[NUMBERS], expected)
    np.testing.assert_allclose(auc_difference(rated, "film", "digital")[NUMBERS], expected)


def test_ratings_all_alike_are_not_called_separated():
    rows = ratings(np.random.default_rng(6), dict.fromkeys(("film", "digital"), ("r1", "r2"))).assign(rating=1)
    for table in (auc(rows, ["source"]), all_auc_differences(rows)):
        assert table["note"].str.contains("all ratings alike").all() and not table["note"].str.contains("apart").any()


def test_a_single_absent_case_that_moves_the_area_is_the_reason_that_there_is_no_interval():
    rows = pd.DataFrame({"reader": "r0", "case": list("abcd"), "source": "digital", "finding": "nodule"})
    found = auc(rows.assign(truth=[1, 1, 1, 0], rating=[-1, 0, 0, 0]), ["source"]).iloc[0]
    assert found["value"] == pytest.approx(1 / 3) and found[["low", "high", "standard_error"]].isna().all()
    assert found["note"] == "not estimable: a single present or absent case"


def test_readers_with_cases_of_their_own_give_no_more_answers_than_there_are():
    """42 right answers by three readers to 14 cases each count for 42, not for those of three readers to 42 cases."""
    rows = answers(np.ones((3, 14)))
    own = rows.assign(case=rows["reader"] + rows["case"])
    expected = 42 / (42 + 2.019541**2)  # t with 41 degrees of freedom
    for conclusion in (THESE, LIKE):
        line = accuracy(own).set_index("conclusion").loc[conclusion]
        assert line["low"] == pytest.approx(expected, abs=1e-6)
