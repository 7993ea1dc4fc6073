import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import tables
from helpers.errors import TableError
from helpers.findings import ORIGINAL

NAMES = ORIGINAL.names
COHORT = tables.cohort_schema(ORIGINAL)


def cohort_rows(count=2, **columns):
    rows = {
        "image_id": [f"i{k}" for k in range(count)],
        "path": [f"cohort/images/i{k}.png" for k in range(count)],
        "patient_id": [f"p{k}" for k in range(count)],
        "split": ["train"] * count,
        "view": ["PA"] * count,
        "age": [50.0] * count,
        "sex": ["F"] * count,
        **{name: [1] * count for name in NAMES},
    }
    return pd.DataFrame(rows | columns)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_table_comes_back_from_its_file_as_it_was_written(tmp_path, suffix):
    table = cohort_rows(sex=["F", None], age=[61.0, None], atelectasis=[-1, None])
    tables.write_table(table, tmp_path / f"cohort{suffix}", COHORT)
    back = tables.read_table(tmp_path / f"cohort{suffix}", COHORT)
    pd.testing.assert_frame_equal(back, tables.validate(table, COHORT))


@given(st.lists(st.sampled_from([1, 0, -1, None]), min_size=1, max_size=8))
def test_labels_survive_the_text_of_a_csv(labels):
    table = cohort_rows(len(labels), lung_opacity=pd.array(labels, dtype="Int64"))
    text = table.astype({"lung_opacity": "Float64"}).to_csv(index=False)
    import io

    back = tables.validate(pd.read_csv(io.StringIO(text), dtype=str), COHORT)
    assert back["lung_opacity"].tolist() == tables.validate(table, COHORT)["lung_opacity"].tolist()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.drop(columns="sex"), ["'sex'", "missing"]),
        (lambda t: t.assign(hospital="A"), ["'hospital'", "remove"]),
        (lambda t: t.assign(atelectasis=["1", "7"]), ["'atelectasis'", "row 2", "7"]),
        (lambda t: t.assign(atelectasis=["1", "yes"]), ["'atelectasis'", "row 2", "'yes'", "not a number"]),
        (lambda t: t.assign(split=["train", "dev"]), ["'split'", "row 2", "'dev'"]),
        (lambda t: t.assign(image_id=["i0", "i0"]), ["'image_id'", "'i0'", "twice"]),
        (lambda t: t.assign(patient_id=["p0", None]), ["'patient_id'", "row 2", "blank"]),
        (lambda t: t.assign(age=[50, 700]), ["'age'", "row 2", "700"]),
    ],
)
def test_a_broken_cohort_is_refused_naming_file_column_row_and_value(tmp_path, change, words):
    path = tmp_path / "cohort.csv"
    change(cohort_rows()).to_csv(path, index=False)
    with pytest.raises(TableError) as error:
        tables.read_table(path, COHORT)
    for word in [str(path), *words]:
        assert word in str(error.value)


def test_a_broken_table_is_not_written(tmp_path):
    with pytest.raises(TableError):
        tables.write_table(cohort_rows(split=["train", "dev"]), tmp_path / "cohort.csv", COHORT)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00garbage\x80"])
def test_a_file_that_is_no_table_is_named(tmp_path, content):
    (tmp_path / "labels.csv").write_bytes(content)
    with pytest.raises(TableError, match=r"labels\.csv"):
        tables.read_table(tmp_path / "labels.csv", COHORT)
    with pytest.raises(TableError, match="no such table"):
        tables.read_table(tmp_path / "nowhere.csv", COHORT)


def test_a_reader_answers_a_trial_once():
    row = {
        "reader": "a", "trial_id": "t", "task": "conditionality", "case": "c", "source": "real",
        "finding": "atelectasis", "truth": 1, "rating": 2, "correct": 1, "cue": None, "cue_text": None,
        "position": 1, "side": None, "active_ms": 1.0, "idle_ms": 0.0, "submitted_at": None,
        "reader_kind": "human", "is_practice": False, "repeat_of": None,
    }  # fmt: skip
    assert len(tables.validate(pd.DataFrame([row]), tables.READINGS)) == 1
    with pytest.raises(TableError, match="reader"):
        tables.validate(pd.DataFrame([row, row]), tables.READINGS)
    marked = tables.validate(pd.DataFrame([row | {"mark_x": "0.25", "mark_y": "0.5"}]), tables.READINGS)
    assert marked["mark_x"].tolist() == [0.25] and "mark_width" not in marked
    with pytest.raises(TableError, match="mark_y.*1.5"):
        tables.validate(pd.DataFrame([row | {"mark_x": 0.2, "mark_y": 1.5}]), tables.READINGS)


@pytest.mark.parametrize(
    ("task", "column", "value", "words"),
    [
        ("realism_pair", "rating", 3, "value 3 does not belong to task 'realism_pair', which has -2, -1, 0, 1, 2"),
        ("realism_choice_3", "rating", 0, "value 0 does not belong to task 'realism_choice_3', which has 1, 2, 3"),
        ("realism_choice_3", "side", "left", "value left .* which has 1, 2, 3"),
        ("conditionality", "side", "left", "value left .* which has none: leave it blank"),
        ("realism_pair", "mark_side", "2", "value 2 .* which has left, right"),
    ],
)
def test_an_answer_that_its_task_does_not_have_is_named_with_its_place(readings, tmp_path, task, column, value, words):
    row = readings.index[readings.task == "realism_pair"][2]
    table = readings.assign(mark_side=None)
    table.loc[row, ["task", "rating", "side"]] = [task, 1, None]
    tables.write_table(table, tmp_path / "readings.csv", tables.READINGS)
    table.loc[row, column] = value
    tables.write_table(table, tmp_path / "readings.csv")
    with pytest.raises(TableError, match=rf"readings\.csv: column '{column}', row {row + 1}: {words}"):
        tables.read_table(tmp_path / "readings.csv", tables.READINGS)


def plan_rows(**changes):
    row = {
        "reader": "ada", "position": 1, "trial_id": "t", "task": "realism_pair", "images": "a|b", "case": "a+b",
        "finding": "atelectasis", "present": 1, "source": "gan", "side": "left", "is_practice": False,
        "repeat_of": None,
    }  # fmt: skip
    return pd.DataFrame([row]).assign(**changes)


def test_a_trial_of_the_plan_has_as_many_images_as_its_task_shows():
    assert len(tables.validate(plan_rows(), tables.PLAN)) == 1
    with pytest.raises(TableError, match=r"row 1: value 'a\|b\|c'; task 'realism_pair' shows 2; make the plan again"):
        tables.validate(plan_rows(images="a|b|c"), tables.PLAN)


def test_a_plan_in_other_columns_must_be_made_again():
    other = plan_rows().drop(columns="images").assign(left_image="a", right_image="b", image=None)
    with pytest.raises(TableError, match="'images' is missing.*make the plan again .*06_study_plan"):
        tables.validate(other, tables.PLAN)
