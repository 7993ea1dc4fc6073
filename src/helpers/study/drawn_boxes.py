"""Where radiologists saw the finding in the real images of a study: the boxes of its data set, as lesions."""

import pandas as pd

from helpers.runs import Run
from helpers.tables import BOXES, REAL, read_table

PLACE = ["x", "y", "width", "height"]


def boxes_of_run(run: Run, rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """Readings of real images whose finding has boxes or is absent, and the boxes: case, lesion, x, y, width, height.

    ``rows``: analysed readings. None if no reading has a mark or the run's data set has no boxes; images with the
    finding but without a box are left out, as its place is unknown.
    """
    path = run.stage_folder("01_cohort") / "boxes.csv"
    if "mark_x" not in rows or rows["mark_x"].isna().all() or not path.is_file():
        return None
    real = rows[rows["source"] == REAL]
    asked = real.loc[real["truth"] == 1, ["case", "finding"]].drop_duplicates()
    drawn = read_table(path, BOXES).rename(columns={"image_id": "case"}).merge(asked, on=["case", "finding"])
    return real[(real["truth"] == 0) | real["case"].isin(drawn["case"])], lesions(drawn)


def lesions(drawn: pd.DataFrame) -> pd.DataFrame:
    """One box for each lesion of a case, the mean of the boxes that annotators drew around it.

    ``drawn``: case, annotator (blank: they agreed), x, y, width, height. Boxes of two annotators belong to one
    lesion if the centre of each lies in the other; boxes of one annotator always belong to different lesions.

    >>> drawn = pd.DataFrame({"case": "c", "annotator": ["a", "b", "a"], "x": [0.5, 0.6, 0.1], "y": 0.5,
    ...                       "width": 0.3, "height": 0.3})
    >>> lesions(drawn)[["case", "lesion", "x"]].to_numpy().tolist()
    [['c', '1', 0.55], ['c', '2', 0.1]]
    """
    found = []
    for case, boxes in drawn.groupby("case", sort=False):
        groups: list[list] = []
        for box in boxes.itertuples():
            same = (group for group in groups if all(_of_one_lesion(box, other) for other in group))
            group = next(same, None)
            if group is None:
                groups.append(group := [])
            group.append(box)
        for number, group in enumerate(groups, start=1):
            means = {name: sum(getattr(box, name) for box in group) / len(group) for name in PLACE}
            found.append({"case": case, "lesion": str(number), **means})
    return pd.DataFrame(found, columns=["case", "lesion", *PLACE])


def _of_one_lesion(one, other) -> bool:
    apart = abs(one.x - other.x), abs(one.y - other.y)
    near = apart[0] <= min(one.width, other.width) / 2 and apart[1] <= min(one.height, other.height) / 2
    return near and pd.notna(one.annotator) and pd.notna(other.annotator) and one.annotator != other.annotator
