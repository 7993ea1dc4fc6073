"""From a file to the readings table: every column is there, and an export comes back as it was."""

import pandas as pd
import pytest

from helpers.stats.incoming import as_readings
from helpers.stats.readings import load
from helpers.tables import READINGS, required_columns


def test_every_column_is_filled(long):
    table, notes = as_readings(long)
    assert set(required_columns(READINGS)) <= set(table) and any(
        note.startswith("Columns filled in: ") for note in notes
    )


def test_an_export_comes_back_as_it_was_and_says_its_scale(readings, loaded, said):
    same = loaded(readings)
    pd.testing.assert_frame_equal(same, readings, check_dtype=False)
    assert "Realism (pair): ratings from -2 to 2; 1 and above mean right" in said(same)


def test_trials_keep_their_names_where_a_column_with_blanks_has_decimals(readings, loaded):
    numbers = {name: str(number) for number, name in enumerate(readings["trial_id"])}
    names = readings["trial_id"].map(numbers), readings["repeat_of"].map(numbers)
    same = loaded(readings.assign(trial_id=names[0], repeat_of=names[1].astype(float)))
    assert same["repeat_of"].dropna().tolist() == names[1].dropna().tolist()


@pytest.mark.parametrize("change", [
    lambda t: t.assign(treatment=t["treatment"].map({"film": 1, "screen": 2})),
    lambda t: t.astype({"treatment": "category"}).assign(rating=pd.Categorical(t["rating"], ordered=True)),
    lambda t: pd.concat([t[:10], t[10:].reset_index(drop=True)]),
])  # fmt: skip
def test_frames_as_python_gives_them_are_read_like_files(long, change):
    assert load(change(long))["rating"].tolist() == long["rating"].tolist()
