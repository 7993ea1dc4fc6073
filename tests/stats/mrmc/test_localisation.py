"""Tables of marks: published analyses to their digits, unread cases, and tables that contradict each other."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.mrmc.algorithm import against
from helpers.stats.mrmc.estimates import area_estimates
from helpers.stats.mrmc.figures_of_merit import AFROC1, HIGHEST, LROC_AREA, LROC_PCL, WEIGHTED_AFROC
from helpers.stats.mrmc.localisation import NARROW, lroc_tables, mark_analysis, mark_estimates
from helpers.stats.mrmc.obuchowski_rockette import analyse


@pytest.mark.parametrize(
    ("figure", "treatment", "printed", "digits"),
    [
        (WEIGHTED_AFROC, 0, [0.76027037, 0.84061915, 0.81715239, 0.81530899, 0.8278324], 8),
        (WEIGHTED_AFROC, 1, [0.64258544, 0.70499766, 0.7518434, 0.77244265, 0.68369616], 8),
        (AFROC1, 0, [0.80733997, 0.86722617, 0.87123755, 0.84421053, 0.85658606], 8),
        (HIGHEST, 0, [0.795997, 0.865227, 0.841175, 0.831110, 0.846559], 6),
        (HIGHEST, 1, [0.668949, 0.721149, 0.784118, 0.797928, 0.706110], 6),
    ],
)
def test_tony_agrees_by_reader(tony, figure, treatment, printed, digits):
    """RJafroc, dataset01."""
    values = mark_estimates(*tony, figure).values[treatment]
    assert values == pytest.approx(printed, abs=0.51 * 10**-digits)


def test_tony_agrees_with_the_published_analysis(tony):
    """RJafroc: Obuchowski-Rockette of the weighted AFROC figure of merit, jackknife."""
    result = analyse(mark_estimates(*tony))
    components = result.components.set_index("component")["value"]
    printed = [0.001108, 0.000299, 0.000572, 0.000275]
    assert components[["Var(Err)", "Cov1", "Cov2", "Cov3"]].tolist() == pytest.approx(printed, abs=5.1e-7)
    test, difference = result.test.iloc[0], result.differences.iloc[0]
    assert test[["F", "df2", "p_value"]].tolist() == pytest.approx([10.298825, 24.702758, 0.003669], abs=5.1e-7)
    assert difference[["value", "low", "high"]].tolist() == pytest.approx([0.101124, 0.036186, 0.166061], abs=1e-6)
    assert result.areas[["value", "low", "high"]].iloc[0].tolist() == pytest.approx(
        [0.812237, 0.758246, 0.866227], abs=5.1e-7
    )


def test_hupse_agrees_with_the_published_analysis_of_pcl(nico):
    """RJafrocFrocBook, chapter on standalone CAD: PCL at a false positive fraction of 0.2, 1T-RRRC."""
    estimates = mark_estimates(*lroc_tables(nico.assign(treatment="mammogram")), LROC_PCL, at=0.2)
    printed = [0.59166667, 0.69453125, 0.65, 0.80625, 0.725, 0.65982143, 0.76845238, 0.7375, 0.675, 0.675]
    assert estimates.values[0] == pytest.approx(printed, abs=5.1e-9)
    line = against(estimates, "algorithm").set_index("conclusion").loc[LIKE]
    assert line[["value", "low", "high"]].tolist() == pytest.approx([0.11850612, 0.004448434, 0.232563801], abs=5.1e-9)
    parts = line[["reader_variance", "error_variance", "covariance"]].tolist()
    assert parts == pytest.approx([0.002808612, 0.0053445377, 0.0030657054], abs=5.1e-10)
    assert line["value"] / line["standard_error"] == pytest.approx(2.0390389, abs=5.1e-8)
    assert line["degrees_of_freedom"] == pytest.approx(937.24371, abs=5.1e-6)
    assert line["p_value"] == pytest.approx(0.041726262, abs=5.1e-10)


def test_hupse_agrees_with_the_published_p_value_of_the_lroc_area(nico):
    """Chakraborty 2017, Observer Performance Methods for Diagnostic Imaging, chapter 22: p = 0.0349."""
    estimates = mark_estimates(*lroc_tables(nico.assign(treatment="mammogram")), LROC_AREA)
    assert against(estimates, "algorithm")["p_value"].iloc[0] == pytest.approx(0.0349, abs=5.1e-5)


def test_highest_ratings_are_analysed_as_areas_of_the_same_ratings(nico):
    rows = nico.assign(treatment="mammogram", source="mammogram", finding="mass")
    marks, areas = mark_estimates(*lroc_tables(rows), HIGHEST), area_estimates(rows, covariance="jackknife")
    np.testing.assert_allclose(marks.values, areas.values)
    np.testing.assert_allclose(marks.covariance, areas.covariance, atol=1e-15)


def test_one_table_holds_treatments_and_their_differences(tony):
    table = mark_analysis(*tony, treatment="treatment").set_index(["figure", "compared", "conclusion"])
    assert len(table) == 3 * 3 * 2
    line = table.loc[(WEIGHTED_AFROC, "BT minus DM", LIKE)]
    assert line[["low", "high", "p_value"]].tolist() == pytest.approx([0.036186, 0.166061, 0.003669], abs=1e-6)
    marks, lesions = tony
    alone = mark_analysis(marks[marks["treatment"] == "BT"], lesions, treatment="treatment", figures=(AFROC1,))
    assert alone["compared"].tolist() == ["BT", "BT"] and alone["p_value"].isna().all()


def small():
    """Two readers, two treatments, three normal and three abnormal cases with a lesion each."""
    cases = pd.DataFrame({"case": list("abcdef"), "truth": [0, 0, 0, 1, 1, 1], "lesion": [None] * 3 + ["1"] * 3})
    lines = [("r1", "x", "a", None, 2), ("r1", "x", "d", "1", 3), ("r1", "x", "e", "1", 1), ("r1", "y", "f", "1", 2)]
    lines += [("r2", "x", "b", None, 1), ("r2", "x", "f", "1", 2), ("r2", "y", "d", "1", 2), ("r2", "y", "e", None, 2)]
    return pd.DataFrame(lines, columns=["reader", "treatment", "case", "lesion", "rating"]), cases


def test_where_random_readers_seem_more_certain_than_fixed_ones_a_note_says_so():
    cases = [str(number) for number in range(20)]
    lesions = pd.DataFrame({"case": cases, "truth": [0] * 10 + [1] * 10, "lesion": [None] * 10 + ["1"] * 10})
    said = set()
    for seed in range(10):
        dice = np.random.default_rng(seed)
        marks = pd.concat(lesions.assign(reader=name, rating=dice.normal(size=20), source="gan") for name in "abc")
        errors = mark_analysis(marks.drop(columns="truth"), lesions, figures=(AFROC1,)).set_index("conclusion")
        narrower = errors.loc[LIKE, "standard_error"] < errors.loc[THESE, "standard_error"]
        assert (errors.loc[LIKE, "note"] == NARROW) == narrower
        assert errors.loc[THESE, "note"] == ""
        said.add(narrower)
    assert said == {True, False}


def test_cases_that_were_not_read_do_not_count():
    marks, cases = small()
    everything = pd.merge(marks[["reader", "treatment"]].drop_duplicates(), cases[["case"]], how="cross")
    whole = mark_estimates(marks, cases, read=everything)
    np.testing.assert_array_equal(whole.values, mark_estimates(marks, cases).values)
    fewer = everything[(everything["treatment"] == "x") | ~everything["case"].isin(["c"])]
    part = mark_estimates(marks, cases, read=fewer)
    assert part.cases == 6 and part.cases_of == (6, 5)
    np.testing.assert_array_equal(part.values[0], whole.values[0])
    without = mark_estimates(marks[marks["treatment"] == "y"], cases[cases["case"] != "c"])
    np.testing.assert_array_equal(part.values[1], without.values[0])


def test_a_reader_without_normal_cases_is_left_out_and_counted():
    marks, cases = small()
    read = pd.merge(marks[["reader", "treatment"]].drop_duplicates(), cases[["case", "truth"]], how="cross")
    read = read[(read["reader"] != "r2") | (read["treatment"] != "y") | (read["truth"] == 1)]
    found = mark_estimates(marks, cases, read=read)
    assert found.readers == ("r1",) and found.note.endswith("left out: 1")
    with pytest.raises(StatisticsError, match="no reader read normal and abnormal"):
        mark_estimates(marks[marks["case"] > "c"], cases, read=read[read["truth"] == 1])


def test_the_order_of_rows_and_weights_that_are_equal_change_nothing():
    marks, cases = small()
    mixed = mark_estimates(marks.sample(frac=1, random_state=1), cases.iloc[::-1].assign(weight=1.0))
    np.testing.assert_array_equal(mixed.values, mark_estimates(marks, cases).values)


@pytest.mark.parametrize(
    ("table", "change", "message"),
    [
        ("marks", {"case": "z"}, "marks: case 'z' is not in the table of lesions"),
        ("marks", {"lesion": "9"}, "has no lesion '9'"),
        ("marks", {"rating": np.nan}, "a mark needs a rating"),
        ("cases", {"lesion": "7"}, "case 'a' has lesion '7' twice, or is not abnormal"),
        ("cases", {"weight": 0.5}, "weights of case 'd' add up to 0.5"),
    ],
)
def test_tables_that_contradict_each_other_are_refused(table, change, message):
    marks, cases = small()
    tables = {"marks": marks, "cases": cases}
    if "weight" in change:
        tables["cases"] = cases.assign(**change)
    else:
        name, value = next(iter(change.items()))
        changed = tables[table].astype({"rating": float} if table == "marks" else {})
        changed.loc[0, name] = value
        tables[table] = changed
    with pytest.raises(StatisticsError, match=message):
        mark_estimates(tables["marks"], tables["cases"])


def test_what_is_missing_is_named():
    marks, cases = small()
    with pytest.raises(StatisticsError, match="marks: column 'rating' is missing"):
        mark_estimates(marks.drop(columns="rating"), cases)
    with pytest.raises(StatisticsError, match="lesions: column 'truth' is missing"):
        mark_estimates(marks, cases.drop(columns="truth"))
    with pytest.raises(StatisticsError, match="abnormal case 'f' has no lesion"):
        mark_estimates(marks.iloc[:1], cases.assign(lesion=cases["lesion"].where(cases["case"] != "f")))
    with pytest.raises(StatisticsError, match="marked case 'f', which is not among those read"):
        read = marks.loc[marks["case"] != "f", ["reader", "treatment", "case"]]
        mark_estimates(marks, cases, read=read)
