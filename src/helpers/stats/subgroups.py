"""Subgroups: whether realism, or how well a finding is seen, depends on age, sex, view, or any other column.

A moderator is a column of the readings whose value belongs to the case. For a run's own readings the columns of the
cohort are joined by image (``with_cohort``). A synthetic image has no patient: in a pair the moderator is that of the
real image beside it, and a single synthetic image has none but its requested finding. Each level is estimated by
itself; whether levels differ (an interaction of the moderator with realism, or with the requested condition) is tested
level by level against the largest one, within each source and between two sources, with Holm's correction over all of
these tests. Exploratory, like every subgroup analysis.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.findings import rank, title_of
from helpers.stats.groups import ACCURACY, AREA, COLUMNS, contrast, groups_of
from helpers.stats.mrmc import auc
from helpers.stats.multiplicity import holm
from helpers.stats.proportions import accuracy
from helpers.stats.readings import in_front, source_order

# Columns of a cohort that name or describe one image, and are not moderators.
OF_IMAGES = ("image_id", "path", "patient_id", "split", "text")
SEVERAL = 5  # a column of numbers with more values than this is cut into bands
BESIDE = ["moderator", "compared", "contrast"]


def with_cohort(rows: pd.DataFrame, cohort: pd.DataFrame) -> pd.DataFrame:
    """Readings with the columns of the cohort's table, those of the real image in each case; missing without one.

    ``cohort``: one row per image. A case is an image_id, or those of several images joined by "+". If a case has
    several real images, a column is missing where they differ. Columns that the readings already have are kept.

    >>> cohort = pd.DataFrame({"image_id": ["x", "y"], "sex": ["F", "M"]})
    >>> with_cohort(pd.DataFrame({"case": ["y", "x+made"]}), cohort)["sex"].tolist()  # that of the real image
    ['M', 'F']
    """
    own = [name for name in cohort if name not in (*OF_IMAGES, *rows.columns)]
    facts = cohort.drop_duplicates("image_id").set_index("image_id")[own]
    parts = pd.Series(rows["case"].unique()).map(lambda case: str(case).split("+"))
    pairs = pd.DataFrame({"case": np.repeat(rows["case"].unique(), parts.map(len)), "image_id": parts.explode()})
    found = pairs.merge(facts, left_on="image_id", right_index=True)
    by_case = found.groupby("case")[own].agg(
        lambda column: column.iloc[0] if column.nunique(dropna=False) == 1 else None
    )
    return rows.join(by_case, on="case")


def with_columns(rows: pd.DataFrame, table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Readings with further columns of their source table, joined by case; names may be in upper or lower case.

    ``table``: as read, with a column "case". Columns that the readings already have are kept, and those that the table
    does not have are ignored. Raises StatisticsError for a case with two values.

    >>> table = pd.DataFrame({"case": ["1", "2"], "Vendor": ["A", "B"]})
    >>> with_columns(pd.DataFrame({"case": ["2", "1", "2"]}), table, ["vendor"])["vendor"].tolist()
    ['B', 'A', 'B']
    """
    known = {str(name).strip().lower(): name for name in table}
    for name in [name for name in columns if name not in rows and name.lower() in known and "case" in known]:
        own = table[[known["case"], known[name.lower()]]].dropna().set_axis(["case", name], axis=1).astype(str)
        own = own.apply(lambda column: column.str.strip()).drop_duplicates()
        double = own[own["case"].duplicated()]
        if len(double):
            case = double["case"].iloc[0]
            values = " and ".join(map(repr, own.loc[own["case"] == case, name]))
            raise StatisticsError(f"moderators: case {case!r} has {values} in column {name!r}; a case needs one value")
        rows = rows.assign(**{name: rows["case"].astype(str).map(own.set_index("case")[name])})
    return rows


def levels(values: pd.Series, cuts: Sequence[float] = ()) -> pd.Series:
    """Levels of a moderator as an ordered categorical; missing stays missing.

    Numbers are cut at ``cuts`` ([40, 65]: under 40, 40 to under 65, 65 or more), or, without cuts and with more than
    five values, into thirds. Any other value is a level as it is; findings are in their fixed order.

    >>> levels(pd.Series([30, 40, 70]), [40, 65]).tolist()
    ['under 40', '40 to under 65', '65 or more']
    """
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    is_number = numbers.notna().equals(values.notna()) and values.notna().any()
    if is_number and not cuts and numbers.nunique() > SEVERAL:
        cuts = sorted(set(np.quantile(numbers.dropna(), [1 / 3, 2 / 3]).round(2)))
    if cuts and not is_number:
        odd = values[numbers.isna() & values.notna()].iloc[0]
        raise StatisticsError(f"moderators: {values.name!r} is to be cut at {list(cuts)}, but {odd!r} is not a number")
    if is_number and cuts:
        edges = [f"{cut:g}" for cut in cuts]
        names = [f"under {edges[0]}", *(f"{a} to under {b}" for a, b in zip(edges, edges[1:], strict=False))]
        return pd.cut(numbers, [-np.inf, *cuts, np.inf], right=False, labels=[*names, f"{edges[-1]} or more"])
    words = values.map(str, na_action="ignore")
    order = sorted(set(words.dropna()), key=rank)
    return pd.Series(pd.Categorical(words, categories=order, ordered=True), index=values.index, name=values.name)


def by_level(
    rows: pd.DataFrame, moderators: Mapping[str, Sequence[float]], measure: str = ACCURACY, undetermined: str = "half"
) -> pd.DataFrame:
    """Accuracy or area of each source in each level: moderator, level, source, then as ``accuracy`` or ``auc``.

    ``rows``: analysed readings of one task with a column for each moderator; ``moderators``: column to cuts (as in
    ``levels``, [] for none). The area is the mean over the findings that have two present and two absent cases in every
    level; the note says which, if others had to be left out or all were taken together. Moderators that are missing or
    do not vary are left out (``unused`` names them); the table is empty if none is left.

    >>> rows = pd.DataFrame({"reader": "a", "case": range(8), "source": "gan", "sex": list("MMMMFFFF"),
    ...                      "correct": [1, 1, 1, 0, 1, 0, 0, 0]})
    >>> table = by_level(rows, {"sex": []}).query("conclusion == 'these readers'")
    >>> table[["moderator", "level", "value"]].values.tolist()
    [['Sex', 'F', 0.25], ['Sex', 'M', 0.75]]
    """
    tables = []
    for name, used, said in _used(rows, moderators, measure):
        estimate = (
            accuracy(used, ["level", "source"], undetermined) if measure == ACCURACY else auc(used, ["level", "source"])
        )
        order = {level: n for n, level in enumerate(used["level"].cat.categories)}
        estimate = estimate.sort_values("level", key=lambda column: column.map(order), kind="stable")
        tables.append(_noted(in_front(estimate.astype({"level": str}), moderator=_title(name)), said))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def interactions(
    rows: pd.DataFrame, moderators: Mapping[str, Sequence[float]], measure: str = ACCURACY, undetermined: str = "half"
) -> pd.DataFrame:
    """Tests of whether levels differ: each against the one with the most cases, by source and between two sources.

    Arguments as ``by_level``. Columns: moderator, compared ("gan", or "gan minus diffusion": does their difference
    depend on the level?), contrast ("AP minus PA"), then conclusion, value, low, high, standard_error,
    degrees_of_freedom, p_value, readers, cases, readings, note (``groups.contrast``), p_holm and family_size: Holm over
    all tests of a conclusion. A test that cannot be made gets a row without numbers, with the reason.

    >>> rows = pd.DataFrame({"reader": "a", "case": range(8), "source": "gan", "sex": list("MMMMFFFF"),
    ...                      "correct": [1, 1, 1, 0, 1, 0, 0, 0]})
    >>> table = interactions(rows, {"sex": []}).query("conclusion == 'these readers'")
    >>> table[["contrast", "value"]].values.tolist()
    [['M minus F', 0.5]]
    """
    tables = []
    for name, used, said in _used(rows, moderators, measure):
        sources = source_order(used["source"])
        groups = groups_of(used, used["level"].astype(str) + "\n" + used["source"], measure, undetermined)
        sizes = used.groupby("level", observed=True)["case"].nunique()
        largest = sizes.idxmax()
        for level in [level for level in sizes.index if level != largest]:
            alone = [(source, {source: 1.0}) for source in sources]
            between = [(f"{a} minus {b}", {a: 1.0, b: -1.0}) for a, b in combinations(sources, 2)]
            for title, signs in (*alone, *between):
                weights = {f"{level}\n{source}": sign for source, sign in signs.items()}
                weights |= {f"{largest}\n{source}": -sign for source, sign in signs.items()}
                line = contrast(groups, weights)
                line = in_front(line, moderator=_title(name), compared=title, contrast=f"{level} minus {largest}")
                tables.append(_noted(line, said))
    if not tables:
        return pd.DataFrame(columns=[*BESIDE, *COLUMNS, "p_holm", "family_size"])
    return holm(pd.concat(tables, ignore_index=True), ["conclusion"])


def unused(rows: pd.DataFrame, moderators: Mapping[str, Sequence[float]]) -> dict[str, str]:
    """Moderators that cannot be used here, each with the reason.

    >>> rows = pd.DataFrame({"sex": ["F", "F"], "view": ["AP", "PA"]})
    >>> unused(rows, {"sex": [], "view": [], "age": [40]})
    {'sex': 'the same in every case: F', 'age': 'not known for these cases'}
    """
    reasons = {}
    for name, cuts in moderators.items():
        if name not in rows or rows[name].isna().all():
            reasons[name] = "not known for these cases"
        elif levels(rows[name], cuts).dropna().nunique() < 2:
            reasons[name] = f"the same in every case: {levels(rows[name], cuts).dropna().iloc[0]}"
    return reasons


def _used(
    rows: pd.DataFrame, moderators: Mapping[str, Sequence[float]], measure: str
) -> list[tuple[str, pd.DataFrame, str]]:
    """Each moderator that varies, its rows with a column ``level``, and a note on findings that were left out."""
    if measure not in (ACCURACY, AREA):
        raise StatisticsError(f"measure = {measure!r}: choose {ACCURACY} or {AREA}")
    found = []
    for name, cuts in moderators.items():
        if name in unused(rows, moderators):
            continue
        used = rows.assign(level=levels(rows[name], cuts))
        used, note = used[used["level"].notna()], ""
        used["level"] = used["level"].cat.remove_unused_categories()
        if measure == AREA and name != "finding":
            used, note = _comparable(used)
        found.append((name, used, note))
    return found


def _comparable(used: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Readings of the findings with two or more present and absent cases in every level of a source, and a note.

    If fewer than half have them, all findings are taken together, provided each case was asked for one finding only.
    """
    keys = ["source", "finding", "level", "truth"]
    shown = used.groupby(keys, observed=True)["case"].nunique().unstack(["level", "truth"])
    every = pd.MultiIndex.from_product([used["level"].cat.categories, [0, 1]])
    whole = shown.index[(shown.reindex(columns=every) > 1).all(axis=1)]
    if len(whole) == len(shown):
        return used, ""
    alone = (used.groupby(["source", "case"])["finding"].nunique() == 1).all()
    if 2 * len(whole) < len(shown) and alone:
        return used.assign(finding="all"), "findings taken together: few cases of each"
    if len(whole) == 0:
        return used, ""
    kept = used[pd.MultiIndex.from_frame(used[["source", "finding"]]).isin(whole)]
    names = dict.fromkeys(whole.get_level_values("finding"))
    return kept, f"findings compared: {', '.join(map(title_of, names))}"


def _noted(table: pd.DataFrame, said: str) -> pd.DataFrame:
    return table.assign(note=["; ".join(filter(None, [note, said])) for note in table["note"]])


def _title(name: str) -> str:
    return name[:1].upper() + name[1:].replace("_", " ")
