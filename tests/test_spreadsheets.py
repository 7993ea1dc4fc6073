"""What people typed is no formula in a spreadsheet, and comes back as it was typed."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import stats
from helpers.spreadsheets import guarded, unguarded
from helpers.tables import READINGS, read_table, required_columns, write_table

SIGNS = "=+-@\t\r\n＝＋－＠'"
NOTES = st.text(st.sampled_from(SIGNS + 'a1 ,"|\x00é✓'), max_size=6).filter(str.strip)


@given(st.lists(NOTES | st.none(), min_size=1, max_size=5))
def test_what_is_guarded_comes_back_and_begins_no_formula(notes):
    table = pd.DataFrame({"cue_text": notes, "rating": 1})
    safe = guarded(table)["cue_text"].dropna()
    assert not safe.astype(str).str.startswith(tuple(SIGNS[:-1])).any()
    assert unguarded(guarded(table))["cue_text"].fillna("").tolist() == [note or "" for note in notes]


def readings(notes) -> pd.DataFrame:
    fixed = {"reader": "ada", "task": "realism_pair", "source": "gan", "finding": "atelectasis", "truth": 1}
    fixed |= {"rating": 1, "correct": 1, "cue": "other", "side": "right", "reader_kind": "human", "is_practice": False}
    rows = pd.DataFrame({"cue_text": notes, "position": range(1, len(notes) + 1)}).assign(**fixed)
    names = [f"t{n}" for n in rows.position]
    blank = dict.fromkeys([name for name in required_columns(READINGS) if name not in rows])
    return rows.assign(**blank | {"trial_id": names, "case": names})


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_notes_survive_a_file_and_the_two_ways_of_reading_it(tmp_path, suffix):
    notes = ["=cmd|'/C calc'!A0", "-1", "+x", "@x", "'=x", "''quoted''", "plain"]
    path = tmp_path / f"readings.{suffix}"
    write_table(readings(notes), path, READINGS)
    assert read_table(path, READINGS)["cue_text"].tolist() == notes
    assert stats.load(path)["cue_text"].tolist() == notes
    if suffix == "csv":
        assert "'=cmd" in path.read_text() and ",=cmd" not in path.read_text()
