"""Formulas with random terms are read as lme4 reads them."""

import pytest

from helpers.errors import StatisticsError
from helpers.stats.mixed.formula import RandomTerm, names_in, parse


def test_fixed_and_random_terms_are_taken_apart():
    formula = parse("correct ~ source * finding + (1 | reader) + side + (0 + x | case)")
    assert formula.response == ("correct",) and formula.fixed == "source * finding + side"
    assert formula.random == (RandomTerm("1", ("reader",)), RandomTerm("0 + x", ("case",)))


def test_brackets_in_fixed_terms_stay_there():
    assert parse("y ~ (a + b) * C(period) + np.log(x + 1) + (1|g)").fixed == "(a + b) * C(period) + np.log(x + 1)"


def test_without_fixed_terms_the_intercept_remains():
    assert parse("y ~ (1 | g)").fixed == "1"


def test_counts_have_two_expressions():
    assert parse("cbind(hits, size - hits) ~ 1 + (1 | herd)").response == ("hits", "size - hits")


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("(1 | site/reader)", [("site",), ("site", "reader")]),
        ("(1 | a/b/c)", [("a",), ("a", "b"), ("a", "b", "c")]),
        ("(1 | reader:case)", [("reader", "case")]),
    ],
)
def test_nesting_and_combinations(text, groups):
    assert [term.group for term in parse(f"y ~ x + {text}").random] == groups


def test_two_bars_leave_out_the_correlation():
    assert [t.expression for t in parse("y ~ x + (x + z || g)").random] == ["1", "0 + x", "0 + z"]
    assert [t.expression for t in parse("y ~ x + (0 + x || g)").random] == ["0 + x"]


@pytest.mark.parametrize(
    "text",
    ["y", "~ x + (1 | g)", "y ~ x", "y ~ x - (1 | g)", "y ~ 1 | g", "y ~ (1 | )", "y ~ ( | g)", "y ~ (1 | g | h)"]
    + ["y ~ (1 | a/)", "cbind(a) ~ (1 | g)", "cbind(a, b, c) ~ (1 | g)", "y ~ (1 | g) + (1 | g)"],
)
def test_what_is_no_formula_is_an_error_that_shows_it(text):
    with pytest.raises(StatisticsError, match="formula"):
        parse(text)


@pytest.mark.parametrize(
    ("expression", "columns"),
    [
        ("correct", {"correct"}),
        ("200 - wrong", {"wrong"}),
        ("log(time + 1) / 60", {"time"}),
        ("`total time` - rest", {"total time", "rest"}),
        ("10", set()),
    ],
)
def test_columns_of_a_response_are_those_named_in_its_expression(expression, columns):
    assert names_in(expression) == columns


@pytest.mark.parametrize("expression", ["total time", "wrong +", "1 -"])
def test_a_response_that_is_no_expression_is_an_error_that_shows_it(expression):
    with pytest.raises(StatisticsError, match="no column and no expression"):
        names_in(expression)
