"""Marks in a readings table against boxes and masks."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import StatisticsError, TableError
from helpers.stats.mrmc.figures_of_merit import AFROC, HIGHEST, LROC_AREA
from helpers.stats.mrmc.localisation import mark_estimates
from helpers.stats.mrmc.obuchowski_rockette import analyse
from helpers.stats.mrmc.reading_marks import marks_in_boxes, marks_in_masks, read_boxes
from helpers.stats.mrmc.structural import area

AT = 0.3, 0.6  # centre of every region


def readings(ratings, hits: float = 1.0, **study) -> pd.DataFrame:
    """Readings that mark what they rate above 0: the region's centre, or a corner where they miss it."""
    rows = ratings(1, crossed=True, **study)
    generator = np.random.default_rng(3)
    hit = generator.random(len(rows)) < hits
    rows = rows.assign(trial_id=[str(i) for i in range(len(rows))], correct=1)
    x, y = (np.where(hit, at, 0.95) for at in AT)
    called = rows["rating"] > 0
    return rows.assign(mark_x=np.where(called, x, np.nan), mark_y=np.where(called, y, np.nan))


def boxes(rows: pd.DataFrame) -> pd.DataFrame:
    cases = rows.loc[rows["truth"] == 1, ["case"]].drop_duplicates()
    return cases.assign(lesion="1", x=AT[0], y=AT[1], width=0.2, height=0.1)


def masks(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    mask = np.zeros((50, 40), dtype=bool)
    mask[28:33, 8:16] = True  # rows are y, columns x
    return dict.fromkeys(rows.loc[rows["truth"] == 1, "case"], mask)


def test_where_every_mark_hits_lroc_and_highest_rating_are_the_area_of_the_ratings(ratings):
    rows = readings(ratings)
    rows = rows.assign(mark_x=AT[0], mark_y=AT[1])
    tables = marks_in_boxes(rows, boxes(rows))
    for figure in (LROC_AREA, HIGHEST):
        found = mark_estimates(*tables[:2], figure, "source", read=tables[2])
        for (t, r), value in np.ndenumerate(found.values):
            own = rows[(rows["source"] == found.treatments[t]) & (rows["reader"] == found.readers[r])]
            sides = [own.loc[own["truth"] == truth, "rating"].to_numpy() for truth in (1, 0)]
            assert value == pytest.approx(area(*sides)[0])


def test_a_box_and_a_mask_of_the_same_place_give_the_same(ratings):
    rows = readings(ratings, hits=0.6)
    one, two = marks_in_boxes(rows, boxes(rows)), marks_in_masks(rows, masks(rows))
    assert one[0]["lesion"].notna().sum() == two[0]["lesion"].notna().sum() > 0
    for figure in (AFROC, HIGHEST):
        found = [mark_estimates(*tables[:2], figure, "source", read=tables[2]) for tables in (one, two)]
        np.testing.assert_array_equal(found[0].values, found[1].values)
    assert np.isfinite(analyse(found[0]).test["F"].item())


def test_marks_beside_the_finding_lower_what_depends_on_the_place(ratings):
    hit, missed = readings(ratings), readings(ratings, hits=0.3)
    values = []
    for rows in (hit, missed):
        tables = marks_in_masks(rows, masks(rows))
        values.append([mark_estimates(*tables[:2], f, "source", read=tables[2]).values for f in (AFROC, HIGHEST)])
    assert (values[1][0] < values[0][0]).all()
    np.testing.assert_array_equal(values[1][1], values[0][1])


def test_a_rating_without_a_mark_can_count_as_a_mark_that_hits_nothing(ratings):
    rows = readings(ratings)
    marks, lesions, read = marks_in_boxes(rows, boxes(rows), one_place=True)
    assert len(marks) == len(rows) == len(read) and marks["lesion"].isna().sum() > 0
    mark_estimates(marks, lesions, LROC_AREA, "source", read=read)
    silent = marks_in_boxes(rows, boxes(rows))
    with pytest.raises(StatisticsError, match="have no rating"):
        mark_estimates(*silent[:2], LROC_AREA, "source", read=silent[2])


def test_every_mark_of_a_reading_counts_and_of_one_place_the_main_one():
    rows = pd.DataFrame({
        "reader": "a", "trial_id": ["t", "u"], "source": "gan", "case": ["1", "2"], "finding": "mass",
        "truth": [1, 0], "rating": [3, 1], "correct": 1, "mark_x": [0.1, 0.5], "mark_y": 0.5,
        "more_marks": ["0.5 0.5;0.9 0.5", None],
    })  # fmt: skip
    two = pd.DataFrame({"case": "1", "lesion": ["l", "r"], "x": [0.1, 0.9], "y": 0.5, "width": 0.2, "height": 0.2})
    marks, lesions, read = marks_in_boxes(rows, two)
    assert marks["lesion"].fillna("-").tolist() == ["l", "-", "r", "-"] and marks["rating"].tolist() == [3, 3, 3, 1]
    assert len(read) == 2
    whole = mark_estimates(marks, lesions, AFROC, "source", read=read).values
    main, _, _ = marks_in_boxes(rows, two, one_place=True)
    assert main["lesion"].fillna("-").tolist() == ["l", "-"]
    assert whole == 1.0 and mark_estimates(main, lesions, AFROC, "source", read=read).values == 0.5


def test_of_boxes_that_overlap_the_one_whose_centre_is_nearer_is_hit(ratings):
    rows = readings(ratings)
    near, far = boxes(rows), boxes(rows).assign(lesion="far", x=0.4, width=0.9)
    marks, lesions, _ = marks_in_boxes(rows, pd.concat([far, near]))
    assert set(marks["lesion"].dropna()) == {"1"} and set(lesions["lesion"].dropna()) == {"1", "far"}


def test_readings_without_marks_have_nothing_to_analyse(ratings):
    rows = readings(ratings).drop(columns=["mark_x", "mark_y"])
    with pytest.raises(StatisticsError, match="no reading has a mark"):
        marks_in_masks(rows, masks(rows))


def test_what_cannot_be_told_is_refused(ratings):
    rows = readings(ratings)
    with pytest.raises(StatisticsError, match="cases with the finding that have no region: 1"):
        marks_in_boxes(rows, boxes(rows).iloc[1:])
    with pytest.raises(StatisticsError, match="asked for several findings"):
        marks_in_masks(pd.concat([rows, rows.assign(finding="opacity")]), masks(rows))
    with pytest.raises(StatisticsError, match="boxes: column 'width' is missing"):
        marks_in_boxes(rows, boxes(rows).drop(columns="width"))
    with pytest.raises(StatisticsError, match="a mark needs mark_x and mark_y"):
        marks_in_boxes(rows.assign(mark_y=2.0), boxes(rows))


def test_a_table_of_boxes_is_read_as_tables_of_readings_are(tmp_path):
    path = tmp_path / "boxes.csv"
    path.write_text("Case;Lesion;x;y;Width;Height\n 7 ;a;0,5;0,25;0,2;0,1\n\n8;a;1;0;0,2;0,1\n")
    table = read_boxes(path)
    assert table["case"].tolist() == ["7", "8"]
    assert table.iloc[0, 2:].tolist() == [0.5, 0.25, 0.2, 0.1]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("case,lesion,x,y,width\n1,a,.5,.5,.1\n", "column 'height' is missing"),
        ("case,lesion,x,y,width,height\n1,a,.5,.5,.1,.1\n2,a,120,.5,.1,.1\n", "'x', row 3: value 120"),
        ("case,lesion,x,y,width,height\n1,a,.5,.5,0,.1\n", "'width', row 2: value 0"),
    ],
)
def test_boxes_that_cannot_be_meant_are_one_error(tmp_path, text, complaint):
    path = tmp_path / "boxes.csv"
    path.write_text(text)
    with pytest.raises(TableError, match=complaint):
        read_boxes(path)
