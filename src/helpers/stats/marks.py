"""Where on the image readers see the cue: density of their marks over the shown image.

Readings may carry ``mark_x`` and ``mark_y``, the centre of the mark as fractions of the shown image (0 left, 1 right;
0 top, 1 bottom), and ``mark_width`` and ``mark_height`` where the mark is a box, as fractions of the same; blank if
there is none. ``more_marks`` holds any marks besides this main one, as text. The density is a Gaussian kernel estimate
(Silverman 1986, Density Estimation): each mark is a point, or a uniform box, blurred with the given bandwidth; density
that falls outside the image is redistributed within it.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtr

from helpers.errors import StatisticsError
from helpers.stats.readings import grouped
from helpers.tasks import PLACES

POINT, BOX = ["mark_x", "mark_y"], ["mark_width", "mark_height"]
CALLS = {1: "right", 0: "wrong"}


def as_text(place: Sequence[float], side: str | None) -> str:
    """A further mark as written in ``more_marks``: its place, and the place of its image if there are several.

    >>> as_text((0.25, 0.5, 0.0, 0.0), None), as_text((0.25, 0.5, 0.2, 0.1), "left")
    ('0.25 0.5', '0.25 0.5 0.2 0.1 left')
    """
    numbers = place if place[2] else place[:2]
    return " ".join([*(str(float(number)) for number in numbers), *([side] if side else [])])


def each_mark(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per mark, with all four mark columns and ``mark_side``; the marks of a reading follow one another, the
    main one first. The index is that of the reading; readings without a mark are left out.

    Raises StatisticsError if a mark has only one coordinate, lies outside the image or has a box without an area, if
    ``more_marks`` cannot be read, or if it is given without a main mark.

    >>> rows = pd.DataFrame({"reader": "a", "trial_id": ["t", "u"], "mark_x": [0.25, None], "mark_y": [0.5, None],
    ...                      "more_marks": ["0.75 0.5 0.2 0.1;0.1 0.1", None]})
    >>> each_mark(rows)["mark_x"].tolist()
    [0.25, 0.75, 0.1]
    """
    rows = rows.assign(**{name: np.nan for name in (*POINT, *BOX) if name not in rows})
    rows = rows.astype({name: "float64" for name in (*POINT, *BOX) if rows[name].dtype != "float64"})
    _check(rows)
    main = rows[rows[POINT[0]].notna()]
    texts = rows["more_marks"].dropna() if "more_marks" in rows else pd.Series(dtype=object)
    alone = texts.index.difference(main.index)
    if len(alone):
        raise StatisticsError(
            f"{_where(rows.loc[alone[0]])}: more_marks {texts[alone[0]]!r} without a main mark (mark_x)"
        )
    found = [(index, *_read(one, rows, index)) for index, text in texts.items() for one in text.split(";")]
    if not found:
        return main
    index, *columns = zip(*found, strict=True)
    more = rows.loc[list(index)].assign(**dict(zip((*POINT, *BOX, "mark_side"), columns, strict=True)))
    _check(more)
    return pd.concat([main, more.astype(main.dtypes)]).sort_index(kind="stable")


def _read(text: str, rows: pd.DataFrame, index) -> tuple:
    """x, y, width, height and side of one further mark of a row; NaN or None for what it lacks."""
    *numbers, last = text.split() or [""]
    side = last.lower() if last.lower() in PLACES and len(numbers) in (2, 4) else None
    try:
        values = [float(number) for number in (numbers if side else (*numbers, last))]
        if len(values) not in (2, 4):
            raise ValueError
    except ValueError:
        raise StatisticsError(
            f"{_where(rows.loc[index])}: more_marks {text!r}: must be x y, or x y width height, and the place of its "
            "image where there are several; marks are joined by ';'"
        ) from None
    return (*values, *[np.nan] * (4 - len(values)), side)


def _check(rows: pd.DataFrame) -> None:
    x, y, width, height = (rows[name].to_numpy(dtype="float64") for name in (*POINT, *BOX))
    half = (np.isnan(x) != np.isnan(y)) | (np.isnan(width) != np.isnan(height)) | (np.isnan(x) & ~np.isnan(width))
    outside = np.any([(values < 0) | (values > 1) for values in (x, y, width, height)], axis=0)
    wrong = rows[half | outside | (width == 0) | (height == 0)]
    if len(wrong):
        row = wrong.iloc[0]
        values = ", ".join(f"{name} {row[name]}" for name in (*POINT, *BOX))
        raise StatisticsError(
            f"{_where(row)}: {values}; a mark needs mark_x and mark_y within 0..1, and for a box both sides above 0; "
            "correct it, or leave all four blank"
        )


def _where(row: pd.Series) -> str:
    return f"trial {row['trial_id']!r} of reader {row['reader']!r}"


def marked(rows: pd.DataFrame) -> pd.DataFrame:
    """``each_mark`` of decided readings, with column ``call`` (right, wrong); may be empty. Raises the same errors."""
    kept = each_mark(rows.reset_index(drop=True))
    kept = kept[kept["correct"].notna()]
    return kept.assign(call=kept["correct"].astype("int64").map(CALLS)).reset_index(drop=True)


def mark_density(rows: pd.DataFrame, by: list[str], size: int = 64, bandwidth: float = 0.05) -> pd.DataFrame:
    """Density of marks over the image in each group of ``by`` (``call`` is one of the columns); empty without marks.

    Columns: by..., x, y (centres of ``size`` x ``size`` squares, fractions of the image), density (1 everywhere if
    marks were evenly spread; its mean over the image is 1), marks, readers. Every reader has the same weight.
    ``bandwidth`` is the standard deviation of the kernel, as a fraction of the image.
    """
    tables = []
    kept = marked(rows)
    middle = (np.arange(size) + 0.5) / size
    for key, group in grouped(kept, by) if len(kept) else []:
        across = _profile(group["mark_x"], group["mark_width"], size, bandwidth)
        down = _profile(group["mark_y"], group["mark_height"], size, bandwidth)
        own = group.groupby("reader")["reader"].transform("size").to_numpy(dtype="float64")
        density = (down / own[:, None]).T @ across  # (y, x)
        table = pd.DataFrame({"x": np.tile(middle, size), "y": np.repeat(middle, size)})
        table["density"] = (density / density.mean()).ravel()
        sizes = {"marks": len(group), "readers": group["reader"].nunique()}
        tables.append(table.assign(**sizes, **dict(zip(by, key, strict=True))))
    columns = [*by, "x", "y", "density", "marks", "readers"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def _profile(centre, width, size: int, bandwidth: float) -> np.ndarray:
    """Share of each blurred mark that falls in each of ``size`` equal parts of one axis: (marks, size)."""
    centre = centre.to_numpy("float64")[:, None]
    half = width.astype("float64").fillna(0.0).to_numpy()[:, None] / 2
    edges = np.linspace(0.0, 1.0, size + 1)[None, :]
    right, left = (edges - centre + half) / bandwidth, (edges - centre - half) / bandwidth
    with np.errstate(invalid="ignore", divide="ignore"):
        box = (_integral(right) - _integral(left)) * bandwidth / (2 * half)
    return np.diff(np.where(half > 0, box, ndtr(right)), axis=1)


def _integral(z: np.ndarray) -> np.ndarray:
    """Integral of the normal distribution function up to z: z Phi(z) + phi(z)."""
    return z * ndtr(z) + np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
