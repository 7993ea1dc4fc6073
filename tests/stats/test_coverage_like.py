"""Beside a result stands how often its interval holds in studies like it, and every share that is not good is named."""

import pytest

from helpers.stats.coverage_like import LEAST, MOST, PUBLISHED, in_words, like, primary
from helpers.stats.crossed import LIKE


@pytest.mark.parametrize("compared", [False, True])
@pytest.mark.parametrize("measure", ["accuracy", "auc"])
def test_every_setting_has_one_primary_interval_and_every_one_outside_is_named(measure, compared):
    known = primary(compared)
    known = known[known["measure"] == measure]
    setting = ["readers", "cases", "value", "spread", "conclusion", "design"]
    assert len(known) and not known.duplicated(setting).any()
    outside = known[~known["share"].between(LEAST, MOST)]
    for line in outside.to_dict("records"):
        value = 0.97 if line["near"] else 0.75
        text = in_words(measure, line["readers"], [value], compared)
        assert f"{line['readers']} readers, values {'near' if line['near'] else 'away'}" in text
        narrow = line["share"] < LEAST
        named = text.split("**Too narrow, below 93 %**" if narrow else "**Wider than need be, above 97 %**")[1]
        assert line["conclusion"] in named and f"{line['value']:.2f}" in named and f"{line['cases']}" in named


def test_an_interval_that_is_too_narrow_is_one_of_three_readers_who_differ():
    narrow = [found[found["share"] < LEAST] for found in (primary(False), primary(True))]
    assert len(narrow[0]) == 2 and set(narrow[0]["readers"]) == {3} and set(narrow[0]["conclusion"]) == {LIKE}
    assert narrow[1].empty


def test_near_0_and_1_the_primary_interval_of_a_difference_is_movers_and_elsewhere_students():
    known = primary(True)
    moderate = known[known["design"] == "moderate"]
    assert set(moderate.loc[moderate["near"], "interval"]) == {"mover"}
    assert set(moderate.loc[~moderate["near"], "interval"]) == {"student"}


def test_studies_most_like_one_have_its_number_of_readers_or_the_nearest():
    assert set(like(primary(False), "auc", 30, [0.8])["readers"]) == {10} and set(
        like(primary(True), "auc", 2, [0.8])["readers"]
    ) == {2}


def test_where_all_is_well_nothing_is_named():
    assert "**" not in in_words("auc", 10, [0.8], False)


@pytest.mark.parametrize("method", PUBLISHED)
def test_beside_a_published_analysis_stands_how_its_own_interval_and_test_hold(method):
    text = in_words("auc", 3, [0.93], compared=True, method=method)
    first, second = text.split("In the same studies, ")
    assert "Obuchowski and Rockette's interval" in first and "Its test finds a difference where there is none" in first
    assert "**Too narrow, below 93 %**" in first and "the MOVER interval" in second
    other = in_words("auc", 2, [0.8], compared=True, method=method)
    assert "(3 readers, values away" in other and "In those of 2 readers, the bounded interval" in other
    assert "the bounded interval" in in_words("auc", 10, [0.8], compared=True, method=method)
