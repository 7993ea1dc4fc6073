import re

import pandas as pd
import pytest

from helpers.cohort.values import ages, identifiers, names_of, numbers, sexes, splits, tidy, views
from helpers.errors import CohortError


def text(*cells, name="column"):
    return pd.Series(cells, name=name, dtype="string")


@pytest.mark.parametrize(
    ("cell", "years"),
    [
        ("51", 51), ("51.0", 51), (" 51 ", 51), ("045Y", 45), ("Y045", 45), ("45 years", 45), ("006M", 0.5),
        ("M006", 0.5), ("026W", 0.5), ("365D", 1), ("0", 0), ("85 or more", 85), ("90+", 90), ("> 89", 90), (">89", 90),
        (">= 90", 90), ("90 and over", 90), ("45-49", 47), ("45 to 49", 47),
        ("51,5", 51.5), ("P51Y", 51), ("51 y/o", 51), ("51yo", 51), ("51 años", 51), ("6 meses", 0.5), ("over 89", 90),
        ("< 1", 1), ("<=1", 1),
    ],
)  # fmt: skip
def test_an_age_is_read_however_it_is_written(cell, years):
    assert ages(text(cell), "t.csv")[0].tolist() == [years]


@pytest.mark.parametrize("cell", [None, "", " ", "nan", "Unknown", "N/A", "-"])
def test_an_age_that_is_not_told_is_blank(cell):
    values, notes = ages(text("51", cell), "t.csv")
    assert values.isna().tolist() == [False, True]
    assert notes == ()


def test_ages_of_nobody_are_blank_and_bounds_are_counted():
    values, notes = ages(text("411", "85 or more", "85 or more", "50"), "t.csv")
    assert values.isna().tolist() == [True, False, False, False]
    assert notes == (
        "1 ages beyond 120 years were left blank.",
        "2 ages are not single years: '85 or more', for example, counts as 85.",
    )


@pytest.mark.parametrize("cell", ["old", "-3", "Y045M", "12/03/1960", "4 5", "P51", "51y 6m"])
def test_a_cell_that_is_no_age_is_named_but_blank_where_nobody_can_mend_it(cell):
    with pytest.raises(CohortError, match=rf"t.csv: column 'age', row 2: '{cell}' is not an age"):
        ages(text("51", cell, name="age"), "t.csv")
    assert ages(text("51", cell))[0].isna().tolist() == [False, True]


def test_sexes_in_words_and_letters():
    assert sexes(text("F", "female", "Male", "m"), "t.csv").tolist() == ["F", "F", "M", "M"]
    assert sexes(text("O", "Unknown", None, "U"), "t.csv").isna().all()
    with pytest.raises(CohortError, match="'sex', row 1: '45' is not F, M"):
        sexes(text("45", name="sex"), "t.csv")


def test_views_have_one_name_each_and_others_stay_as_they_are():
    assert views(text("pa", "AP_horizontal", "POSTEROANTERIOR", "Frontal")).tolist() == ["PA", "AP", "PA", "FRONTAL"]
    assert views(text("LL", "xtable lateral")).tolist() == ["LL", "XTABLE LATERAL"]
    assert views(text("", None, "nan")).isna().all()


@pytest.mark.parametrize("cell", ["Chest PA", "PA erect", "P.A.", "pa view", "Postero-anterior", "PA_upright"])
def test_words_beside_a_view_do_not_change_it(cell):
    assert views(text(cell, "AP_supine", "Portable AP")).tolist() == ["PA", "AP", "AP"]


@pytest.mark.parametrize("cell", ["AP AXIAL", "PA LLD", "AP LATERAL", "PA AND LAT", "PA/AP", "CHEST"])
def test_a_view_that_is_another_stays_another(cell):
    assert views(text(cell)).tolist() == [cell]


def test_identifiers_that_went_through_a_spreadsheet_are_whole_again():
    assert identifiers(text("12345.0", "12345", "007", "1.20", " a.0 "), "t.csv").tolist() == [
        "12345",
        "12345",
        "007",
        "1.20",
        "a.0",
    ]


@pytest.mark.parametrize("cell", ["1.23457E+11", "2e+12"])
def test_an_identifier_that_has_lost_digits_is_refused_as_two_people_may_have_become_one(cell):
    with pytest.raises(CohortError, match=rf"t.csv: column 'patient_id', row 2: '{re.escape(cell)}' has lost digits"):
        identifiers(text("7", cell, name="patient_id"), "t.csv")


def test_a_validation_set_has_several_names():
    assert splits(text("train", "valid", "Test", "val"), "t.csv").tolist() == ["train", "validate", "test", "validate"]
    with pytest.raises(CohortError, match="'dev' is none of train, validate, test"):
        splits(text("dev"), "t.csv")


def test_images_are_named_after_their_files_or_where_these_repeat_after_their_paths():
    assert names_of(text("a/b 1.PNG", "c/d.dcm")).tolist() == ["b_1", "d"]
    assert names_of(text("./p1/view1.jpg", "p2/view1.jpg")).tolist() == ["p1-view1", "p2-view1"]


def test_a_blank_number_is_named():
    assert numbers(text("1", "2.5"), "t.csv").tolist() == [1, 2.5]
    with pytest.raises(CohortError, match="column 'x', row 2: <NA> is not a number"):
        numbers(text("1", None, name="x"), "t.csv")


def test_a_table_is_tidied_as_far_as_it_goes():
    table, notes = tidy(pd.DataFrame({"patient_id": text("5.0"), "age": text("> 89"), "hospital": text("x")}), "t.csv")
    assert table.iloc[0].tolist() == ["5", 90, "x"]
    assert len(notes) == 1
