"""The scale of ratings and what they call: given by the user, inferred from the file, or unknown."""

import re

import pandas as pd

from helpers.errors import StatisticsError, TableError
from helpers.stats.incoming import cells
from helpers.stats.incoming.columns import more
from helpers.stats.scales import COLUMN, OWN, UNKNOWN, Scale, is_whole
from helpers.tables import CONDITIONALITY, PAIR
from helpers.tasks import TASKS

EXPORT, OURS, OTHER = "export", "ours", "other"  # all columns of the reading room, only those needed, another tool's
CALL_WORDS = (cells.YES | cells.NO) - {"0", "1"}
SIDES = {"left": -1, "right": 1}
LABELLED = re.compile(r"^\(?([+-]?\d+)(?:\)?\s+|\s*[-–—=:.)(]+\s*)[-–—=:(]*\s*([^\W\d_][^\d]*?)\)?$")
CODES_BELOW = (-1, -7, -8, -9, -77, -88, -98, -99, -888, -998, -999, -9999)
CODES_ABOVE = (9, 77, 88, 98, 99, 888, 998, 999, 9999)


def read_ratings(table: pd.DataFrame, origin: str, notes: list[str], comma: bool) -> pd.DataFrame:
    """The table with numeric ratings; rows without a rating are left out, and calls in words become 1 and 0."""
    missing = cells.blank(table["rating"])
    if missing.all():
        raise TableError(f"{origin}: column 'rating' is blank in every row")
    if missing.any():
        rows = ", ".join(str(row + cells.OFFSET) for row in table.index[missing][:5])
        notes.append(f"Rows without a rating, which count as not read: {int(missing.sum())} (row {rows}"
                     f"{', ...' if missing.sum() > 5 else ''}).")  # fmt: skip
    table = table[~missing]
    words = table["rating"].astype(str).str.strip().str.casefold()
    in_words = words.isin(CALL_WORDS).any() and words.isin(cells.YES | cells.NO).all()
    if in_words and (table["task"] == CONDITIONALITY).all():
        notes.append("Ratings in words were read as calls, 1 present and 0 absent.")
        called = cells.yes_or_no(table["rating"], "rating", origin).astype("float64")
        return table.assign(rating=called, **{COLUMN: "0..1"})
    if words.isin(SIDES).all() and (table["task"] == PAIR).all():
        notes.append("Answers in words were read as -1 left and 1 right.")
        return table.assign(rating=words.map(SIDES).astype("float64"), **{COLUMN: "-1..1"})
    rating = _without_labels(table["rating"], notes)
    return table.assign(rating=cells.numbers(rating, "rating", origin, notes, comma))


def _without_labels(ratings: pd.Series, notes: list[str]) -> pd.Series:
    """``5 - definitely present`` as 5, if every rating is a number or a number with its own label; else unchanged."""
    text = ratings.astype(str).str.strip()
    parts = text.str.extract(LABELLED).set_axis(["number", "label"], axis=1)
    labelled = parts["number"].notna()
    known = parts[labelled].apply(lambda part: part.str.casefold()).drop_duplicates()
    if not labelled.any() or known["number"].duplicated().any() or known["label"].duplicated().any():
        return ratings
    if not text[~labelled].str.fullmatch(cells.NUMBER).all():
        return ratings
    said = parts[labelled].drop_duplicates("number").astype({"number": int}).sort_values("number")
    listed = ", ".join(f"{number:g} {label!r}" for number, label in said.itertuples(index=False))
    notes.append(f"Column 'rating': the number before each label was read ({listed}).")
    return text.where(~labelled, parts["number"])


def on_scale(table: pd.DataFrame, scale: str | Scale | None, origin: str, form: str, notes: list[str]) -> pd.DataFrame:
    """The table with column scale, blank for the reading room's own scale; realism ratings are centred on 0.

    ``scale`` applies to every rating of an ordered task whose own column scale is blank. Without it, an export of the
    reading room (``form`` EXPORT) and realism ratings are on its scale of -2 to 2; so are ratings of a finding if
    column correct fits one cut-off, or if a table in our columns (``form`` OURS) has ratings below 0. Otherwise the
    scale is unknown. Raises TableError for ratings off the scale, and if the scale must be given.
    """
    table = table.assign(**{COLUMN: table.get(COLUMN, pd.NA)}).astype({COLUMN: object})
    parts = []
    for (task, written), rows in table.groupby(["task", COLUMN], sort=False, dropna=False):
        if not TASKS[task].ordered:
            parts.append(rows)
            continue
        try:
            if pd.notna(written) and written != UNKNOWN:
                own = _said(written, rows["rating"])
            elif scale is not None:
                own = _said(scale, rows["rating"])
            else:
                own = _found(rows, task, origin, form)
            parts.append(_placed(rows, task, own, origin, notes))
        except StatisticsError as error:
            raise TableError(f"{origin}: {error}") from error
    whole = pd.concat(parts).loc[table.index]
    if whole[COLUMN].isna().all():
        whole = whole.drop(columns=COLUMN)
    return whole.assign(rating=cells.as_integers(whole["rating"]))


def _said(written: str | Scale, ratings: pd.Series) -> Scale:
    """The scale as written; a cut-off that was not written is used only if every rating is a grade of the scale."""
    scale = Scale.parse(written)
    said = isinstance(written, Scale) or any(word in str(written).lower() for word in ("positive", "no cut"))
    return scale if said or ratings.isin(scale.grades).all() else Scale(scale.lowest, scale.highest)


def _found(rows: pd.DataFrame, task: str, origin: str, form: str) -> Scale | None:
    """The scale inferred from the file; None if it cannot be inferred."""
    ratings = rows["rating"]
    fits = ratings.isin(OWN.grades).all()
    told = "correct" in rows and rows["correct"].notna().any()
    if task != CONDITIONALITY:
        if fits and (form == EXPORT or (ratings < 0).any() or told):
            return OWN
        values = ", ".join(f"{value:g}" for value in sorted(ratings.unique())[:8])
        reason = "none is below 0" if fits else "they are not on the scale of -2 to 2"
        row = ratings.index[~ratings.isin(OWN.grades)] if not fits else ratings.index
        raise TableError(
            f"{cells.place(origin, 'rating', row[0])}: ratings of task {task!r} are {values}, and {reason}; say what "
            "they mean by parameter scale: '-2..2', '1..5', or '0..1' for two answers"
        )
    if fits and form == EXPORT:
        return OWN
    if told:
        return _from_correct(rows, origin)
    return OWN if fits and (ratings < 0).any() and form == OURS else None


def _from_correct(rows: pd.DataFrame, origin: str) -> Scale:
    """The scale whose cut-off reproduces the column correct; raises TableError if none does."""
    rating, correct = rows["rating"], rows["correct"]
    called = correct.eq(rows["truth"])
    present, absent = (rating[correct.notna() & called.eq(side).fillna(False).astype(bool)] for side in (True, False))
    open_ = sorted(rating[correct.isna()].unique())
    if rating.isin(OWN.grades).all() and _agrees(OWN, rating, called.mask(correct.isna())):
        return OWN
    if len(present) and len(absent) and absent.max() < present.min() and len(open_) < 2:
        undetermined = open_[0] if open_ else None
        found = Scale(float(rating.min()), float(rating.max()), float(present.min()), undetermined)
        if _agrees(found, rating, called.mask(correct.isna())):
            return found
    raise TableError(
        f"{origin}: column 'correct' does not follow from one cut-off of the ratings; say the scale by parameter "
        "scale, as '1..5, positive from 4', or leave the column out"
    )


def _agrees(scale: Scale, rating: pd.Series, called: pd.Series) -> bool:
    calls = scale.calls(rating)
    return bool((calls.eq(called.astype("boolean")) | (calls.isna() & called.isna())).fillna(False).all())


def _placed(rows: pd.DataFrame, task: str, scale: Scale | None, origin: str, notes: list[str]) -> pd.DataFrame:
    """Rows of one task and scale: checked, described in a note, and centred if two alternatives are judged."""
    title, ratings = TASKS[task].title, rows["rating"]
    if scale is None:
        _check_codes(ratings, origin)
        low, high, count = ratings.min(), ratings.max(), ratings.nunique()
        which = f"{count} different, from {low:g} to {high:g}" if count > 1 else f"all of them {low:g}"
        notes.append(
            f"{title}: no scale was given, so ratings ({which}) count by their order only, as areas under "
            "the ROC curve need; nothing is called present or absent. For sensitivity and specificity "
            "give parameter scale, as '1..5, positive from 4'."
        )
        return rows.assign(**{COLUMN: UNKNOWN})
    off = ratings[~scale.contains(ratings)]
    if len(off):
        raise TableError(
            f"{cells.place(origin, 'rating', off.index[0])}: value {off.iloc[0]:g}{more(len(off))} is not on the scale "
            f"{scale}; correct it, leave it blank where nothing was answered, or give another scale"
        )
    notes.append(_in_words(task, scale))
    if task != CONDITIONALITY:
        scale, middle = scale.centred()
        rows = rows.assign(rating=ratings - middle)
    return rows.assign(**{COLUMN: pd.NA if scale == OWN else str(scale)})


def _in_words(task: str, scale: Scale) -> str:
    low, high = TASKS[task].answers
    text = f"{TASKS[task].title}: ratings from {scale.lowest:g} to {scale.highest:g}"
    if scale.positive is None:
        return f"{text}, by their order only: no cut-off was given, so nothing is called {high} or {low}."
    undetermined = "" if scale.undetermined is None else f", {scale.undetermined:g} is undetermined"
    return f"{text}; {scale.positive:g} and above mean {high}, lower ones {low}{undetermined}."


def _check_codes(ratings: pd.Series, origin: str) -> None:
    """Raise TableError if ratings far from all others look like codes for missing ones."""
    for code in sorted(set(ratings[ratings.isin((*CODES_BELOW, *CODES_ABOVE))])):
        odd = ratings == code
        others = ratings[~odd]
        if odd.any() and len(others) and _is_far(ratings[odd], others):
            row = ratings.index[odd]
            raise TableError(
                f"{cells.place(origin, 'rating', row[0])}: value {ratings[row[0]]:g}{more(len(row))} looks like a code "
                f"for a missing rating (the others run from {others.min():g} to {others.max():g}); leave such cells "
                "blank, or say by parameter scale that it is a rating"
            )


def _is_far(codes: pd.Series, others: pd.Series) -> bool:
    """Whether codes are as far from the other ratings as the range of these, or below a scale that begins at 0 or 1."""
    low, high = others.min(), others.max()
    if codes.max() < low and low >= 0 and (high >= 3 or not is_whole(*others.unique())):
        return True
    gap = max(codes.min() - high, low - codes.max())
    return gap > 3 and (gap >= high - low or high <= 5)
