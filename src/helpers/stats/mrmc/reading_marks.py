"""Compare marks in a readings table with the regions of findings, giving the tables for ``localisation``.

Every mark has the rating of its reading. It hits the finding if its centre lies in the region: a mask of the image, or
a box from a table. A region is one lesion; a table of boxes may name several per case.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError, TableError
from helpers.stats.incoming import cells
from helpers.stats.incoming.columns import as_table
from helpers.stats.incoming.files import read_cells
from helpers.stats.marks import each_mark

BOX = ["case", "lesion", "x", "y", "width", "height"]


def read_boxes(path: str | Path) -> pd.DataFrame:
    """Read a table of boxes from any file type that readings may have; columns ``BOX`` and, if given, weight.

    x and y are the centre and, like width and height, fractions of the image (0..1). Raises TableError for a missing
    column, a value that is not a number, and a box without an area or with its centre outside the image.
    """
    origin = str(path)
    table = as_table(read_cells(path)[0][0], origin, [])
    table = table.rename(columns=str.lower)
    missing = [name for name in BOX if name not in table]
    if missing:
        raise TableError(f"{origin}: column {missing[0]!r} is missing; a table of boxes has {', '.join(BOX)}")
    for name in ("case", "lesion"):
        table[name] = cells.names(table[name], name, origin, [])
    kept = table[[name for name in (*BOX, "weight") if name in table]].copy()
    for name in kept.columns.drop(["case", "lesion"]):
        kept[name] = cells.numbers(kept[name], name, origin, [])
        low = kept[name] <= 0 if name in ("width", "height") else kept[name] < 0
        wrong = kept[name].isna() | low | (kept[name] > 1)
        if wrong.any():
            row = kept.index[wrong][0]
            raise TableError(
                f"{cells.place(origin, name, row)}: value {kept.at[row, name]}; give a fraction of the image, 0 to 1"
            )
    return kept.reset_index(drop=True)


def marks_in_boxes(rows: pd.DataFrame, boxes: pd.DataFrame, one_place: bool = False) -> tuple[pd.DataFrame, ...]:
    """``marks``, ``lesions`` and ``read`` of readings whose findings lie in boxes; treatments are the sources.

    ``rows``: analysed readings of one finding for each case, with rating and the columns of marks. ``boxes``: case,
    lesion, x, y (centre), width and height, as fractions of the image, and a weight if lesions differ in weight. With
    ``one_place`` only the main mark of a reading counts, and a rating without a mark counts as one that hits nothing,
    as in LROC. Raises StatisticsError for a case rated for several findings, an abnormal one without a region, and
    invalid marks or boxes.

    >>> rows = pd.DataFrame({"reader": "a", "source": "gan", "case": ["1", "2"], "finding": "mass", "truth": 1,
    ...                      "rating": [3, 4], "correct": 1, "mark_x": [0.5, 0.9], "mark_y": [0.45, 0.5]})
    >>> boxes = pd.DataFrame({"case": ["1", "2"], "lesion": "l", "x": 0.5, "y": 0.5, "width": 0.2, "height": 0.2})
    >>> marks, lesions, read = marks_in_boxes(rows, boxes)
    >>> marks["lesion"].notna().tolist()  # the second mark lies outside its box
    [True, False]
    """
    missing = [name for name in BOX if name not in boxes]
    if missing:
        raise StatisticsError(f"boxes: column {missing[0]!r} is missing; needed: {', '.join(BOX)}")
    boxes = boxes.astype({"case": str, "lesion": str}).reset_index(drop=True)
    rows = rows.reset_index(drop=True)
    found = _marks_of(rows, one_place)
    pairs = found.reset_index().merge(boxes, on="case", suffixes=("", "_box"))
    away = [(pairs[mark] - pairs[name]).abs() / (pairs[size] / 2) for mark, name, size in _SIDES]
    pairs = pairs.assign(away=np.maximum(*away)).query("away <= 1").sort_values("away", kind="stable")
    nearest = pairs.drop_duplicates("index").set_index("index")["lesion"]
    lesions = boxes.drop(columns=["x", "y", "width", "height"])
    return _tables(rows, found.assign(lesion=nearest.reindex(found.index)), lesions, one_place)


def marks_in_masks(
    rows: pd.DataFrame, masks: Mapping[str, np.ndarray], one_place: bool = False
) -> tuple[pd.DataFrame, ...]:
    """The same if the finding of an abnormal case is a mask: ``masks`` has a bool array (height, width) for each case.

    >>> mask = np.zeros((10, 10), dtype=bool)
    >>> mask[4:6, 4:6] = True
    >>> rows = pd.DataFrame({"reader": "a", "source": "gan", "case": ["1", "2"], "finding": "mass", "truth": 1,
    ...                      "rating": [3, 4], "correct": 1, "mark_x": [0.5, 0.9], "mark_y": [0.45, 0.5]})
    >>> marks_in_masks(rows, {"1": mask, "2": mask})[0]["lesion"].notna().tolist()
    [True, False]
    """
    rows = rows.reset_index(drop=True)
    found = _marks_of(rows, one_place)
    hit = [row.case in masks and _is_in(masks[row.case], row.mark_x, row.mark_y) for row in found.itertuples()]
    lesions = pd.DataFrame({"case": [str(name) for name in masks], "lesion": "1"})
    return _tables(rows, found.assign(lesion=np.where(hit, "1", None)), lesions, one_place)


_SIDES = (("mark_x", "x", "width"), ("mark_y", "y", "height"))


def _marks_of(rows: pd.DataFrame, one_place: bool) -> pd.DataFrame:
    """A row for each mark; ``reading`` is the index of its reading."""
    found = each_mark(rows)
    if one_place:
        found = found[~found.index.duplicated()]
    return found.astype({"case": str}).reset_index(names="reading")


def _is_in(mask: np.ndarray, x: float, y: float) -> bool:
    height, width = mask.shape
    return bool(mask[min(int(y * height), height - 1), min(int(x * width), width - 1)])


def _tables(rows: pd.DataFrame, found: pd.DataFrame, lesions: pd.DataFrame, one_place: bool) -> tuple:
    if found.empty and not one_place:
        raise StatisticsError("no reading has a mark of where the finding is")
    rows = rows.astype({"case": str})
    truth = rows.drop_duplicates(["case", "finding", "truth"])
    several = truth[truth.duplicated("case")]
    if len(several):
        raise StatisticsError(f"case {several.iloc[0]['case']!r} is asked for several findings; take one at a time")
    truth = truth.set_index("case")["truth"].astype(int)
    without = sorted(set(truth.index[truth == 1]) - set(lesions["case"]))
    if without:
        raise StatisticsError(
            f"cases with the finding that have no region: {len(without)}, the first {without[0]!r} of source "
            f"{rows.loc[rows['case'] == without[0], 'source'].iloc[0]!r}; give their regions, or leave the source out"
        )
    table = pd.DataFrame({"case": truth.index, "truth": truth.to_numpy()})
    table = table.merge(lesions[lesions["case"].isin(truth.index[truth == 1])], how="left", on="case")
    marks = found[["reader", "source", "case", "lesion", "rating"]]
    if one_place:
        silent = rows.loc[rows.index.difference(found["reading"]), ["reader", "source", "case", "rating"]]
        marks = pd.concat([marks, silent.assign(lesion=None)])
    # a mark on a case without the finding is false wherever it is
    marks = marks.assign(lesion=marks["lesion"].where(marks["case"].map(truth) == 1).astype(object))
    return marks.reset_index(drop=True), table, rows[["reader", "source", "case"]].reset_index(drop=True)
