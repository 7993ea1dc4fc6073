"""Contrasts of groups against t tests, DeLong's variances, the differences of other modules, and simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.stats.crossed import LIKE, THESE, complete_influence
from helpers.stats.groups import ALIKE, AREA, FEW_CASES, NO_READER, Groups, contrast, groups_of
from helpers.stats.mrmc import auc, auc_difference
from helpers.stats.proportions import difference
from helpers.stats.readings import analysed
from helpers.stats.reasons import NO_READERS

MINUS = {"gan": 1.0, "diffusion": -1.0}


def made_up(scores: dict[str, np.ndarray]) -> pd.DataFrame:
    """Readings (correct) of groups whose scores are readers x cases; cases are called after their group."""
    rows = [
        {"reader": f"r{r}", "case": f"{name}-{c}", "source": name, "correct": score}
        for name, block in scores.items()
        for r, line in enumerate(block)
        for c, score in enumerate(line)
    ]
    return pd.DataFrame(rows).astype({"correct": "Int64"})


def line(table: pd.DataFrame, conclusion: str) -> pd.Series:
    return table.set_index("conclusion").loc[conclusion]


def test_for_one_reader_it_is_welchs_t_test():
    generator = np.random.default_rng(4)
    one, two = generator.integers(0, 2, 25), generator.integers(0, 2, 14)
    rows = made_up({"a": [one], "b": [two]})
    found = line(contrast(groups_of(rows, rows["source"]), {"a": 1.0, "b": -1.0}), THESE)
    test = stats.ttest_ind(one, two, equal_var=False)
    interval = test.confidence_interval()
    np.testing.assert_allclose(found[["p_value", "low", "high"]].astype(float), [test.pvalue, *interval])
    assert found["degrees_of_freedom"] == pytest.approx(test.df)
    like = line(contrast(groups_of(rows, rows["source"]), {"a": 1.0, "b": -1.0}), LIKE)
    assert np.isnan(like["low"]) and like["note"] == NO_READERS


def test_two_sources_give_the_difference_of_accuracies(rows):
    found, known = contrast(groups_of(rows, rows["source"]), MINUS), difference(rows, "gan", "diffusion")
    for name in ("value", "low", "high", "p_value", "degrees_of_freedom"):
        np.testing.assert_allclose(found[name], known[name], err_msg=name)
    assert (
        found["cases"].tolist() == known["cases"].tolist() and found["readings"].tolist() == known["readings"].tolist()
    )


def test_two_sources_give_the_difference_of_areas(readings):
    rows = analysed(readings, "conditionality")
    found = contrast(groups_of(rows, rows["source"], AREA), {"real": 1.0, "gan": -1.0})
    known = auc_difference(rows, "real", "gan")
    numbers = ["value", "low", "high", "standard_error", "p_value"]
    np.testing.assert_allclose(found[numbers], known[numbers])


def test_a_difference_of_differences_of_areas_has_the_sum_of_four_delong_variances(simulate):
    rows = analysed(simulate(readers=1, cases_per_cell=12), "conditionality")
    half = np.where(rows["case"].str.extract(r"(\d+)$")[0].astype(int) % 2, "odd", "even")
    group = rows["source"] + " " + half
    found = contrast(groups_of(rows, group, AREA), {"real odd": 1, "real even": -1, "gan odd": -1, "gan even": 1})
    known = auc(rows.assign(group=group), ["group"]).query("conclusion == @THESE").set_index("group")
    four = known.loc[["real odd", "real even", "gan odd", "gan even"]]
    assert line(found, THESE)["value"] == pytest.approx(four["value"] @ [1, -1, -1, 1])
    assert line(found, THESE)["standard_error"] == pytest.approx(np.sqrt((four["standard_error"] ** 2).sum()))


def test_a_case_that_two_groups_share_moves_their_difference_once():
    block = np.random.default_rng(5).integers(0, 2, (3, 20))
    flipped = block.copy()
    flipped[:, :4] = 1 - flipped[:, :4]
    rows = made_up({"a": block, "b": flipped})
    paired = rows.assign(case=rows["case"].str[2:])
    apart = contrast(groups_of(rows, rows["source"]), {"a": 1.0, "b": -1.0})
    together = contrast(groups_of(paired, paired["source"]), {"a": 1.0, "b": -1.0})
    means = pd.Series((block - flipped).mean(axis=0))
    assert line(together, THESE)["standard_error"] == pytest.approx(means.sem())
    assert line(together, THESE)["standard_error"] < line(apart, THESE)["standard_error"]


def test_readers_who_lack_a_group_are_left_out_and_counted():
    rows = made_up({"a": np.eye(3, 9), "b": np.eye(3, 9)[::-1]})
    rows = rows[(rows["reader"] != "r2") | (rows["source"] == "a")]
    found = contrast(groups_of(rows, rows["source"]), {"a": 1.0, "b": -1.0})
    assert found["readers"].tolist() == [2, 2] and found["note"].str.contains("left out: 1").all()


@pytest.mark.parametrize(
    ("scores", "asked", "note"),
    [
        ({"a": np.ones((2, 5)), "b": np.ones((2, 5))}, "b", ALIKE),
        ({"a": np.eye(2, 5), "b": np.ones((2, 1))}, "b", FEW_CASES),
        ({"a": np.eye(2, 5)}, "b", NO_READER),
    ],
)
def test_what_cannot_be_estimated_says_why(scores, asked, note):
    rows = made_up(scores)
    found = contrast(groups_of(rows, rows["source"]), {"a": 1.0, asked: -1.0})
    assert found[["low", "high", "p_value"]].isna().all(axis=None) and found["note"].str.contains(note).all()
    assert not found["note"].str.contains("interval may be too narrow").any()  # there is none


def test_an_interval_of_a_difference_ends_where_no_difference_can_be_larger():
    rows = made_up({"a": [[1, 1, 1], [1, 1, 0]], "b": [[0, 0, 1], [0, 0, 0]]})
    found = contrast(groups_of(rows, rows["source"]), {"a": 1.0, "b": -1.0})
    assert found["high"].tolist() == [1.0, 1.0] and (found["low"] < found["value"]).all()


def test_labels_order_of_rows_and_which_group_comes_first_do_not_matter(rows):
    found = contrast(groups_of(rows, rows["source"]), MINUS)
    shuffled = rows.sample(frac=1, random_state=2)
    turned = contrast(groups_of(shuffled, shuffled["source"]), {"diffusion": 1.0, "gan": -1.0})
    np.testing.assert_allclose(turned[["value", "low", "high"]], -found[["value", "high", "low"]], atol=1e-12)


def test_a_difference_of_differences_that_is_none_is_found_in_one_of_twenty_studies():
    """2,000 studies of 4 readers and 25 cases in each of four groups; abilities and cases vary, groups do not."""
    generator = np.random.default_rng(8)
    weights, hits = {"a": 1.0, "b": -1.0, "c": -1.0, "d": 1.0}, np.zeros(2)
    shown = np.repeat(np.eye(4, dtype=bool), 25, axis=1)
    for _ in range(2000):
        evidence = (
            generator.normal(0.4, 0.4, (4, 1)) + generator.normal(0, 0.7, 100) + generator.normal(0, 0.8, (4, 100))
        )
        scores = (evidence > 0).astype(float).reshape(4, 4, 25).swapaxes(0, 1)  # groups, readers, cases
        cases = np.zeros((4, 4, 100))
        for g, block in enumerate(scores):
            cases[g][:, shown[g]] = complete_influence(block).cases
        made = Groups(
            tuple(weights),
            ("r0", "r1", "r2", "r3"),
            scores.mean(axis=-1),
            cases,
            shown,
            np.full((4, 4), 25),
            np.zeros(100),
        )
        hits += contrast(made, weights)["p_value"].to_numpy() < 0.05
    these, like = hits / 2000
    assert 0.03 < these < 0.065 and 0.02 < like < 0.065
