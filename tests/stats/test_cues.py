import numpy as np
import pytest

from helpers.errors import StatisticsError
from helpers.stats import cues
from helpers.tables import CUES


@pytest.mark.parametrize("call", [cues.RIGHT, cues.WRONG, cues.EITHER])
def test_the_shares_of_all_cues_add_up_to_one(rows, call):
    table = cues.cue_shares(rows, ["source"], call)
    totals = table.groupby(["source", "conclusion"])["value"].sum()
    np.testing.assert_allclose(totals, 1.0)
    assert set(table["cue"]) == set(CUES)


def test_a_share_is_the_mean_over_readers(rows):
    kept = cues.decided(rows).query("source == 'gan'")
    expected = (kept["cue"] == "soft_tissue").groupby(kept["reader"]).mean().mean()
    table = cues.cue_shares(rows, ["source"]).query("cue == 'soft_tissue' and source == 'gan'")
    assert table["value"].tolist() == pytest.approx([expected, expected])


def test_a_cue_that_always_tells_has_accuracy_one(rows):
    telling = rows.assign(cue=np.where((rows["correct"] == 1).fillna(False), "bone_structure", rows["cue"]))
    telling.loc[(telling["correct"] == 0).fillna(False), "cue"] = "other"
    table = cues.accuracy_by_cue(telling, []).set_index("cue")["value"]
    assert (table["bone_structure"] == 1).all() and (table["other"] == 0).all()


def test_undetermined_answers_have_no_cue_and_do_not_count(rows):
    assert (cues.decided(rows)["rating"] != 0).all()
    with pytest.raises(StatisticsError, match="'cue'"):
        cues.decided(rows.assign(cue=None))


def test_right_and_wrong_calls_are_counted_apart(rows):
    only_right = rows[rows["correct"] != 0]
    assert cues.cue_shares(only_right, ["source"], cues.WRONG).empty


def test_what_readers_wrote_is_listed(rows):
    assert cues.free_texts(rows).empty
    assert len(cues.free_texts(rows.assign(cue_text="blurred ribs"))) == len(rows)
