"""Tables of other tools become readings, and what cannot become one is named."""

import pandas as pd
import pytest

from helpers.errors import TableError
from helpers.recording import provenance_banner
from helpers.runs import PROJECT
from helpers.stats.foreign import as_readings
from helpers.stats.mrmc import auc_difference
from helpers.stats.readings import analysed, load
from helpers.tables import CONDITIONALITY, READINGS

VAN_DYKE = PROJECT / "tests" / "reference" / "published" / "vandyke.csv"
LONG = pd.DataFrame(
    {
        "reader": ["a", "a", "b", "b"],
        "treatment": ["film", "screen", "film", "screen"],
        "case": [1, 2, 1, 2],
        "truth": [0, 1, 0, 1],
        "rating": [1, 5, 3, 4],
    }
)


def loaded(table: pd.DataFrame, tmp_path, name: str = "other.csv") -> pd.DataFrame:
    table.to_csv(tmp_path / name, index=False)
    return load(tmp_path / name)


def test_a_long_multi_reader_table_becomes_conditionality_readings(tmp_path):
    readings = loaded(LONG, tmp_path)
    assert set(readings["task"]) == {CONDITIONALITY} and readings["source"].tolist() == LONG["treatment"].tolist()
    assert readings["rating"].tolist() == [-2, 2, 0, 1]
    assert readings["correct"].fillna(-1).tolist() == [1, 1, -1, 1]
    assert readings["position"].tolist() == [1, 2, 1, 2] and not readings["is_practice"].any()


def test_a_published_long_table_gives_the_published_difference():
    rows = analysed(load(VAN_DYKE), CONDITIONALITY)
    difference = auc_difference(rows, "1", "2").query("conclusion == 'readers like these'").iloc[0]
    assert difference["p_value"] == pytest.approx(0.05123303, abs=5e-9)  # R package MRMCaov, DeLong


def test_ratings_of_one_to_five_in_a_readings_table_are_centred(readings, tmp_path):
    shifted = loaded(readings.assign(rating=readings["rating"] + 3), tmp_path)
    assert shifted["rating"].tolist() == readings["rating"].tolist()
    assert "1 to 5" in " ".join(shifted.attrs["notes"])


def test_ratings_that_are_centred_already_stay(readings, tmp_path):
    same = loaded(readings, tmp_path)
    pd.testing.assert_frame_equal(same, readings)
    assert same.attrs["notes"] == []


@pytest.mark.parametrize("task", ["realism_pair", "conditionality"])
def test_columns_that_can_be_derived_may_be_missing(readings, tmp_path, task):
    own = readings[readings["task"] == task].reset_index(drop=True)
    needed = ["reader", "task", "case", "source", "finding", "truth", "rating", "side", "repeat_of"]
    short = loaded(own[~own["is_practice"]][needed].assign(repeat_of=None), tmp_path)
    assert short["correct"].equals(own[~own["is_practice"]]["correct"].reset_index(drop=True))
    assert short["trial_id"].is_unique and set(short["reader_kind"]) == {"human"}


def test_missing_cells_are_only_missing_rows(tmp_path):
    assert len(loaded(LONG.drop(index=2), tmp_path)) == 3


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (LONG.drop(columns="truth"), "other.csv: column 'truth' is missing"),
        (LONG.drop(columns=["treatment", "rating"]), "column 'task', 'source', 'finding', 'rating' is missing"),
        (LONG.assign(rating=[1, 5, 3, 7]), "column 'rating', row 2: value"),
        (LONG.assign(rating=["1", "high", "3", "4"]), "column 'rating', row 2: value 'high'"),
        (LONG.assign(truth=[0, 1, 0, 2]), "column 'truth', row 4: value"),
    ],
)
def test_what_cannot_be_understood_is_named_with_its_place(table, words, tmp_path):
    with pytest.raises(TableError, match=words):
        loaded(table, tmp_path)


def test_what_was_done_stands_at_the_head_of_the_notebook(tmp_path):
    banner = provenance_banner(loaded(LONG.assign(comment="x"), tmp_path), None)
    assert "treatments are shown as sources" in banner and "Columns not used: comment." in banner


def test_every_column_is_filled(tmp_path):
    table, notes = as_readings(LONG, "table")
    assert {name for name, column in READINGS.columns.items() if column.required} <= set(table)
    assert notes[-1].startswith("Columns filled in: ")


def test_the_places_that_choices_name_are_not_taken_for_ratings(tmp_path):
    rows = [("ada", f"c{n}", "realism_choice_4", n % 4 + 1, "gan", str(n % 2 + 1)) for n in range(8)]
    table = pd.DataFrame(rows, columns=["reader", "case", "task", "rating", "source", "side"])
    read = loaded(table.assign(finding="atelectasis", truth=1), tmp_path)
    assert list(read.rating) == [1, 2, 3, 4] * 2 and list(read.correct) == [1, 1, 0, 0] * 2
    both = pd.concat([table, table.assign(task="conditionality", side=None, rating=5)])
    read = loaded(both.assign(finding="atelectasis", truth=1), tmp_path)
    assert list(read.rating) == [1, 2, 3, 4] * 2 + [2] * 8
