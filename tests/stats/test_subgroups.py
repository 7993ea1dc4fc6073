"""Subgroups: columns of the cohort reach the readings, levels are estimated, planted interactions are found."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.groups import AREA
from helpers.stats.mrmc import auc
from helpers.stats.proportions import accuracy, difference
from helpers.stats.readings import analysed
from helpers.stats.subgroups import by_level, interactions, levels, unused, with_cohort, with_columns

COHORT = pd.DataFrame(
    {"image_id": ["r1", "r2", "r3"], "path": "p", "patient_id": ["a", "b", "c"], "split": "test"}
    | {"sex": ["F", "M", "F"], "age": [30.0, 50.0, None], "scanner": ["x", "x", "y"]}
)


@pytest.fixture
def pairs(rows):
    """Pairs whose real image is of a woman or a man, in turn."""
    return rows.assign(sex=np.where(rows["case"].str.extract(r"(\d+)$")[0].astype(int) % 2, "F", "M"))


def test_a_pair_has_the_patient_of_its_real_image_and_a_single_synthetic_image_has_none():
    rows = pd.DataFrame({"case": ["g1+r2", "r1", "g1", "g1+r2", "g7+r1+r3", "g7+r1+r2"]})
    table = with_cohort(rows, COHORT.assign(text="Clear lungs."))
    assert "text" not in table  # a report is no moderator, and goes nowhere
    assert table["sex"].tolist()[:2] == ["M", "F"] and pd.isna(table["sex"][2]) and table["sex"][3] == "M"
    assert table["sex"][4] == "F" and pd.isna(table["sex"][5]), "real images that differ leave it open"
    assert table["scanner"][0] == "x" and table["age"].tolist()[:2] == [50, 30]
    assert not {"path", "patient_id", "split", "image_id"} & set(table)


def test_columns_that_the_readings_have_stay():
    rows = pd.DataFrame({"case": ["r1"], "sex": ["unknown"]})
    assert with_cohort(rows, COHORT)["sex"].tolist() == ["unknown"]


def test_any_column_of_a_table_can_be_taken_by_its_case():
    rows = pd.DataFrame({"case": ["1", "2", "1"]})
    table = pd.DataFrame({"Case": [" 1", "2", "1 ", "2"], "Vendor ": ["A", "B", "A ", None]})
    assert with_columns(rows, table, ["vendor"])["vendor"].tolist() == ["A", "B", "A"]


def test_a_column_that_the_table_does_not_have_stays_unknown():
    rows = pd.DataFrame({"case": ["1"]})
    assert "vendor" not in with_columns(rows, pd.DataFrame({"case": ["1"], "sex": ["F"]}), ["vendor"])
    assert "vendor" not in with_columns(rows, pd.DataFrame({"id": ["1"], "vendor": ["A"]}), ["vendor"])


def test_a_case_with_two_values_is_an_error():
    table = pd.DataFrame({"case": ["1", "1"], "vendor": ["A", "B"]})
    with pytest.raises(StatisticsError, match="case '1' has 'A' and 'B' in column 'vendor'"):
        with_columns(pd.DataFrame({"case": ["1"]}), table, ["vendor"])


def test_numbers_are_cut_where_asked_or_into_thirds_and_names_are_levels():
    ages = pd.Series([39, 40, 64, 65, None], name="age")
    assert levels(ages, [40, 65]).tolist()[:4] == ["under 40", "40 to under 65", "40 to under 65", "65 or more"]
    assert levels(ages, [40, 65]).isna().tolist() == [False] * 4 + [True]
    assert levels(pd.Series(range(9))).value_counts().tolist() == [3, 3, 3]
    assert levels(pd.Series([1, 2, 1])).cat.categories.tolist() == ["1", "2"], "few numbers are names"
    assert levels(pd.Series(["30", "70"]), [50]).tolist() == ["under 50", "50 or more"], "numbers as a CSV has them"
    found = levels(pd.Series(["pleural_effusion", "atelectasis"])).cat.categories
    assert found.tolist() == ["atelectasis", "pleural_effusion"]
    with pytest.raises(StatisticsError, match="'age' is to be cut at \\[40\\], but 'old' is not a number"):
        levels(pd.Series(["30", "old"], name="age"), [40])


def test_each_level_is_estimated_as_if_it_were_the_whole_study(pairs):
    table = by_level(pairs, {"sex": []})
    own = accuracy(pairs[pairs["sex"] == "F"], ["source"])
    pd.testing.assert_frame_equal(
        table[table["level"] == "F"].drop(columns=["moderator", "level"]).reset_index(drop=True), own
    )
    assert table["moderator"].unique().tolist() == ["Sex"] and table["level"].unique().tolist() == ["F", "M"]


def test_bands_stand_in_their_order(pairs):
    aged = pairs.assign(age=pairs["case"].str.extract(r"(\d+)$")[0].astype(int) * 20)
    table = by_level(aged, {"age": [40, 65]})
    assert table["level"].unique().tolist() == ["under 40", "40 to under 65", "65 or more"]


def test_the_interaction_is_the_difference_between_levels_against_the_largest_one(pairs):
    fewer = pairs[(pairs["sex"] == "M") | ~pairs["case"].str.endswith("00005")]
    table = interactions(fewer, {"sex": []})
    assert table["contrast"].unique().tolist() == ["F minus M"]
    assert table["compared"].unique().tolist() == ["gan", "diffusion", "gan minus diffusion"]
    own = difference(fewer[fewer["source"] == "gan"], "F", "M", column="sex")
    found = table[table["compared"] == "gan"]
    np.testing.assert_allclose(found[["value", "low", "high", "p_value"]], own[["value", "low", "high", "p_value"]])
    both = table.groupby("compared")["value"].first()
    assert both["gan minus diffusion"] == pytest.approx(both["gan"] - both["diffusion"])


def test_holm_is_over_every_test_of_a_conclusion(pairs):
    table = interactions(pairs.assign(view=np.where(pairs["truth"] == 1, "PA", "AP")), {"sex": [], "view": []})
    assert set(table["family_size"]) == {6} and set(table["conclusion"]) == {THESE, LIKE}
    own = table[table["conclusion"] == THESE]
    assert own["p_holm"].min() == pytest.approx(min(1.0, 6 * own["p_value"].min()))


def test_a_moderator_that_matters_is_found_and_only_where_it_does(pairs):
    """Among women every GAN image is recognised, among men none; the diffusion model's are left as they are."""
    planted = pairs.assign(
        correct=pairs["correct"].where(pairs["source"] != "gan", (pairs["sex"] == "F").astype("Int64"))
    )
    planted.loc[planted.index[planted["source"] == "gan"][:2], "correct"] = 1  # answers that are not all alike
    table = interactions(planted, {"sex": []}).query("conclusion == @THESE").set_index("compared")
    assert table.loc["gan", "p_holm"] < 0.001 and table.loc["gan minus diffusion", "p_holm"] < 0.001
    assert table.loc["diffusion", "p_holm"] > 0.05


def test_how_well_a_finding_is_seen_can_depend_on_a_moderator_too(readings):
    rows = analysed(readings, "conditionality")
    rows = rows[rows["source"] == "real"]
    rows = rows.assign(view=np.where(rows["case"].str.extract(r"(\d+)$")[0].astype(int) % 2, "PA", "AP"))
    table = by_level(rows, {"view": [], "finding": []}, AREA)
    own = auc(rows[rows["view"] == "AP"], ["source"])
    np.testing.assert_allclose(table.query("level == 'AP'")["value"], own["value"])
    assert table.query("moderator == 'Finding'")["level"].nunique() == 4
    tests = interactions(rows, {"view": [], "finding": []}, AREA)
    assert tests.groupby("moderator")["contrast"].nunique().to_dict() == {"Finding": 3, "View": 1}


def test_areas_of_levels_are_means_over_the_same_findings(readings):
    rows = analysed(readings, "conditionality")
    view = np.where(rows["case"].str.extract(r"(\d+)$")[0].astype(int) % 2, "PA", "AP")
    some = rows.assign(view=np.where((rows["finding"] == "atelectasis") & (rows["truth"] == 1), "PA", view))
    table = by_level(some, {"view": []}, AREA)
    assert table["low"].notna().sum() > 0 and table["value"].notna().all()
    assert table["note"].str.contains("findings compared: Enlarged cardiac silhouette, Lung opacity, Pleural").all()


def test_findings_with_few_cases_in_a_level_are_taken_together(readings):
    rows = analysed(readings, "conditionality").query("source == 'real'")
    number = rows["case"].str.extract(r"(\d+)$")[0].astype(int)
    table = by_level(rows.assign(view=np.where(number == 0, "AP", "PA")), {"view": []}, AREA)
    ap = table.query("level == 'AP'")
    assert (ap["present"].tolist(), ap["absent"].tolist()) == ([4, 4], [4, 4])
    assert ap["note"].str.contains("findings taken together").all() and ap["low"].notna().all()


def test_what_cannot_be_tested_is_a_line_with_its_reason(pairs):
    one = pairs[(pairs["reader"] == "reader-1") & ((pairs["sex"] == "F") | (pairs["source"] == "gan"))]
    table = interactions(one, {"sex": []})
    assert table.query("compared == 'diffusion'")["note"].str.contains("no reader has an estimate in every group").all()
    assert table.query("compared == 'gan' and conclusion == @LIKE")["note"].str.contains("one reader").all()
    assert table["p_value"].notna().sum() == 1


def test_moderators_that_say_nothing_are_named_with_the_reason(pairs):
    asked = {"sex": [], "age": [], "view": []}
    rows = pairs.assign(age=None, view="PA")
    assert unused(rows, asked) == {"age": "not known for these cases", "view": "the same in every case: PA"}
    assert unused(pairs, {"colour": []}) == {"colour": "not known for these cases"}
    assert by_level(rows, {"view": []}).empty and interactions(rows, {"view": []}).empty


def test_another_measure_is_refused(pairs):
    with pytest.raises(StatisticsError, match="measure = 'kappa': choose accuracy or auc"):
        by_level(pairs, {"sex": []}, "kappa")
