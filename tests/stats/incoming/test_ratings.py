"""The scale is said or known, never guessed; calls follow from it, and without a cut-off there are none."""

import numpy as np
import pytest

from helpers.errors import TableError
from helpers.stats.mrmc import auc, sensitivity_specificity
from helpers.stats.readings import analysed
from helpers.tables import CONDITIONALITY, PAIR

CALLS = {"these readers", "readers like these"}


def calls(readings) -> dict[str, float]:
    """Sensitivity and specificity over both treatments."""
    table = sensitivity_specificity(analysed(readings, CONDITIONALITY), ["task"])
    return table.drop_duplicates("measure").set_index("measure")["value"].to_dict()


def pairs(long, ratings):
    table = long.rename(columns={"treatment": "source"}).assign(task=PAIR, finding="f", side="right", rating=ratings)
    return table.drop_duplicates(["reader", "source", "case"])


def test_without_a_scale_only_the_order_counts_and_a_note_asks(long, loaded, said):
    readings = loaded(long)
    assert readings["rating"].tolist() == long["rating"].tolist() and readings["correct"].isna().all()
    assert "no scale was given" in said(readings) and "'1..5, positive from 4'" in said(readings)
    table = sensitivity_specificity(analysed(readings, CONDITIONALITY), ["source"])
    assert table["value"].isna().all() and table["note"].str.contains("no cut-off").all()
    assert auc(analysed(readings, CONDITIONALITY), ["source"])["value"].notna().all()


@pytest.mark.parametrize("change", [lambda r: r, lambda r: r - 3, lambda r: r * 20, lambda r: r**3 / 7])
def test_areas_depend_on_the_order_of_ratings_only(long, loaded, change):
    area = auc(analysed(loaded(long.assign(rating=change(long["rating"]))), CONDITIONALITY), ["source"])
    expected = auc(analysed(loaded(long, scale="1..5"), CONDITIONALITY), ["source"])
    np.testing.assert_allclose(area[["value", "low", "high"]], expected[["value", "low", "high"]])


def test_low_ratings_of_five_grades_call_nothing_present(long, loaded):
    low = long.assign(rating=1 + long["truth"])
    assert calls(loaded(low, scale="1..5")) == {"sensitivity": 0, "specificity": 1}


def test_binary_calls_are_on_their_own_scale(long, loaded):
    wrong = long["case"].eq("c1") | long["case"].eq("c2") & long["reader"].eq("r1")
    binary = long.assign(rating=np.where(wrong, 1 - long["truth"], long["truth"]))
    expected = {"sensitivity": pytest.approx(2 / 3), "specificity": pytest.approx(5 / 6)}
    assert calls(loaded(binary, scale="0..1")) == expected
    assert calls(loaded(binary.replace({"rating": {1: "present", 0: "absent"}}))) == expected
    assert calls(loaded(binary.assign(rating=binary["rating"].astype(bool)))) == expected


@pytest.mark.parametrize(
    ("scale", "change"),
    [("1..4, positive from 3", lambda r: r.clip(1, 4)), ("1..6, positive from 3", lambda r: r),
     ("0..100, positive from 50", lambda r: r * 20), ("0..1, positive from 0.5", lambda r: r / 5)],
)  # fmt: skip
def test_calls_begin_where_the_scale_says(long, loaded, scale, change):
    ratings = change(long["rating"])
    called = ratings >= float(scale.split()[-1])
    readings = loaded(long.assign(rating=ratings), scale=scale)
    assert readings["correct"].tolist() == (called == (long["truth"] == 1)).astype(int).tolist()


def test_a_middle_grade_is_undetermined_and_decimals_have_none(long, loaded):
    assert loaded(long, scale="1..5")["correct"].isna().tolist() == (long["rating"] == 3).tolist()
    assert loaded(long.assign(rating=long["rating"] / 5), scale="0..1")["correct"].isna().all()


def test_column_correct_tells_the_cut_off(long, loaded, said):
    given = long.assign(correct=((long["rating"] >= 4) == (long["truth"] == 1)).astype(int))
    readings = loaded(given)
    assert readings["correct"].tolist() == given["correct"].tolist()
    assert "5 and above mean present" in said(readings)
    with pytest.raises(TableError, match="'correct' does not follow from one cut-off"):
        loaded(given.assign(correct=[1, 0] * (len(long) // 2)))


def test_a_table_in_our_columns_may_hold_a_scale_for_each_row(long, loaded):
    ours = long.rename(columns={"treatment": "source"}).assign(task=CONDITIONALITY, finding="f", scale="1..5")
    ours["rating"] = ours["rating"].astype(float)
    ours.loc[ours["reader"] == "r2", ["rating", "scale"]] = [0.7, "0..1, positive from 0.5"]
    own = loaded(ours).query("reader == 'r2'")
    assert own["correct"].tolist() == own["truth"].tolist()


@pytest.mark.parametrize("code", [-99, -9, -1, 9, 99, 999])
def test_codes_for_missing_ratings_are_named(long, loaded, code):
    coded = long.assign(rating=long["rating"].mask(long.index % 5 == 3, code))
    with pytest.raises(TableError, match=f"column 'rating', row 5: value {code} and 4 more .*leave such cells blank"):
        loaded(coded)
    with pytest.raises(TableError, match=rf"row 5: value {code} and 4 more is not on the scale 1\.\.5"):
        loaded(coded, scale="1..5")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda r: r - 3, -99),
        (lambda r: r > 3, -9),
        (lambda r: r / 5, -1),
        (lambda r: r / 5, 99),
        (lambda r: r * 20, 999),
        (lambda r: (r - 3) / 2, -99),
    ],
)
def test_codes_are_named_beside_ratings_of_any_kind(long, loaded, change, code):
    ratings = change(long["rating"]).astype(float)
    ratings[2] = code
    with pytest.raises(TableError, match=f"row 4: value {code} looks like a code"):
        loaded(long.assign(rating=ratings))


@pytest.mark.parametrize("ratings", [[-1, 0, 1], [-2, -1, 1], [0, 8, 9], [-9.5, -9, 0.3]])
def test_ratings_near_others_are_no_codes(long, loaded, ratings):
    assert set(loaded(long.assign(rating=ratings * (len(long) // 3)))["rating"]) == set(ratings)


LABELS = {1: "definitely absent", 2: "probably absent", 3: "uncertain", 4: "probably present", 5: "definitely present"}


@pytest.mark.parametrize("written", ["{} - {}", "{}: {}", "{}={}", "({}) {}", "{} ({})", "{} {}"])
@pytest.mark.parametrize("labelled", [{1, 2, 3, 4, 5}, {1, 5}])
def test_the_number_before_a_label_is_the_rating(long, loaded, said, written, labelled):
    text = long["rating"].map(lambda r: written.format(r, LABELS[r]) if r in labelled else str(r))
    readings = loaded(long.assign(rating=text))
    assert readings["rating"].tolist() == long["rating"].tolist()
    assert "the number before each label was read (1 'definitely absent'" in said(readings)


def test_numbers_with_other_endings_are_not_taken_for_labelled_ones(long, loaded):
    for words in (["4A", "4B", "2"], ["1 absent", "1 unsure", "5 present"], ["0-20", "20-40", "40-60"]):
        with pytest.raises(TableError, match="is not a number"):
            loaded(long.assign(rating=words * (len(long) // 3)))


def test_sides_in_words_are_answers_between_two_images(long, loaded, said):
    told = loaded(pairs(long, long["truth"].map({1: "Left", 0: "right"})))
    assert "Answers in words were read as -1 left and 1 right" in said(told)
    assert told["rating"].tolist() == long["truth"].map({1: -1, 0: 1}).tolist()
    assert told["correct"].tolist() == ((told["rating"] > 0) == (told["side"] == "right")).astype(int).tolist()


@pytest.mark.parametrize("blank", ["", "NA", "."])
def test_a_blank_rating_is_a_case_that_was_not_read(long, loaded, said, blank):
    text = long["rating"].astype(str).mask(long.index == 3, blank)
    readings = loaded(long.assign(rating=text), scale="1..5")
    assert len(readings) == len(long) - 1 and "Rows without a rating, which count as not read: 1 (row 5)" in said(
        readings
    )


def test_a_question_mark_is_an_answer_that_must_be_explained(long, loaded):
    with pytest.raises(TableError, match=r"row 5: value '\?' is not a number"):
        loaded(long.assign(rating=long["rating"].astype(str).mask(long.index == 3, "?")))


def test_answers_between_two_images_are_centred_on_their_scale(long, loaded):
    own = loaded(pairs(long, long["rating"] - 3), scale=None)
    five = loaded(pairs(long, long["rating"]), scale="1..5")
    assert five["rating"].tolist() == own["rating"].tolist() and five["correct"].equals(own["correct"])
    two = loaded(pairs(long, long["truth"]), scale="0..1")
    assert two["rating"].abs().eq(0.5).all() and two["correct"].tolist() == long["truth"].tolist()


@pytest.mark.parametrize(("shift", "reason"), [(0, "not on the scale of -2 to 2"), (None, "none is below 0")])
def test_answers_between_two_images_that_may_mean_either_are_asked_for(long, loaded, shift, reason):
    with pytest.raises(TableError, match=f"{reason}; say what they mean by parameter scale"):
        loaded(pairs(long, long["truth"] if shift is None else long["rating"]))
