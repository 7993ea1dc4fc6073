"""Two or more runs on common axes, and their differences: readers' answers and image metrics."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import pandas as pd

from helpers.errors import StatisticsError
from helpers.explore import drawing
from helpers.explore.canvas import Drawing
from helpers.explore.figures import Made
from helpers.explore.material import Material
from helpers.figures.image_metrics import METRIC_TITLES
from helpers.figures.style import source_title
from helpers.stats import mrmc, proportions
from helpers.stats.crossed import THESE
from helpers.stats.readings import analysed, source_order
from helpers.tables import CONDITIONALITY
from helpers.tasks import TASKS

IN_PAIRS = 3  # up to this many runs are all compared with one another; with more, each is compared with the first
METRICS = ("frechet_distance", "kid", "precision", "recall", "condition_auroc")
METRIC_NOTE = "Real: real against real, as far as sets of real images of this size are apart by chance."


def joined_readings(materials: Sequence[Material], task: str) -> pd.DataFrame:
    """Analysed readings of a task in several runs, stacked.

    A source is "GAN (pilot-1)"; readers and cases carry their run's name too, since the same name may mean something
    else in another run: runs are compared as if they shared no readers or cases. Runs without such readings are left
    out.
    """
    tables = []
    for material in materials:
        rows = material.readings
        if rows is None or not material.tells_truth or not (rows["task"] == task).any():
            continue
        own, name = analysed(rows, task), material.run.name
        source = own["source"].map(lambda source, name=name: f"{source_title(source)} ({name})")
        tables.append(own.assign(of=own["source"], run=name, source=source,
                                 reader=name + ": " + own["reader"], case=name + ": " + own["case"]))  # fmt: skip
    if not tables:
        raise StatisticsError(f"none of these runs has readings of {TASKS[task].title.lower()}")
    return pd.concat(tables, ignore_index=True)


def side_by_side_of(materials: Sequence[Material]) -> Iterator[Made]:
    """Right answers, areas and image metrics of all runs on common axes, and differences between runs by source."""
    for task in [name for name in TASKS if any(_has(material, name) for material in materials)]:
        title = TASKS[task].title.lower()
        if task == CONDITIONALITY:
            estimate, difference = (lambda rows: mrmc.auc(rows, ["source"])), mrmc.auc_difference
            words = ("Area under the ROC curve", "Difference in area")
        else:
            estimate, difference = (lambda rows: proportions.accuracy(rows, ["source"])), proportions.difference
            words = ("Proportion of right answers", "Difference in the proportion of right answers")
        rows = joined_readings(materials, task)
        yield _made(f"{words[0]}: {title}", rows, lambda rows, e=estimate, w=words: _levels(rows, e, w[0]))
        yield _made(f"Between runs: {title}", rows, lambda rows, d=difference, w=words: _between(rows, d, w[1]))
    yield from _image_metrics(materials)


def _image_metrics(materials: Sequence[Material]) -> Iterator[Made]:
    """The main image metrics over all cells, a line for each source of each run; "real" is real against real."""
    tables = [(material.run.name, material.metric_table("metrics")) for material in materials]
    known = [table.assign(run=name) for name, table in tables if table is not None]
    if not known:
        return
    table = pd.concat(known, ignore_index=True)
    table = table[table["finding"].replace("", None).isna()]
    for metric in METRICS:
        own = table[table["metric"] == metric]
        if own.empty:
            continue
        numbers = own[["value", "low", "high"]].apply(pd.to_numeric, errors="coerce")
        rank = {source: place for place, source in enumerate(source_order(own["source"]))}
        own = own.assign(**numbers, conclusion=THESE, rank=own["source"].map(rank))
        drawn = drawing.forest(own.sort_values("rank", kind="stable"), ["source", "run"], METRIC_TITLES[metric],
                               null=None, limits=None, sample="these images")  # fmt: skip
        yield Made(METRIC_TITLES[metric], drawn, f"{_count(own)}. {METRIC_NOTE}")


def _count(rows: pd.DataFrame) -> str:
    runs = rows["run"].nunique()
    return f"{runs} run{'' if runs == 1 else 's'}"


def _has(material: Material, task: str) -> bool:
    rows = material.readings
    return rows is not None and material.tells_truth and bool((rows["task"] == task).any())


def _made(title: str, rows: pd.DataFrame, draw: Callable[[pd.DataFrame], Drawing]) -> Made:
    simulated = " Simulated readers." if (rows["reader_kind"] == "simulated").any() else ""
    try:
        return Made(title, draw(rows), f"{_count(rows)}, {len(rows)} readings.{simulated}")
    except StatisticsError as error:
        return Made(title, Drawing(""), f"Not estimable: {error}.")


def _levels(rows: pd.DataFrame, estimate: Callable, axis: str) -> Drawing:
    table = estimate(rows)
    order = rows.drop_duplicates("source").set_index("source")["of"]
    rank = {source: place for place, source in enumerate(source_order(rows["of"]))}
    table = table.assign(rank=table["source"].map(order).map(rank)).sort_values("rank", kind="stable")
    named = table.rename(columns={"source": "run"}).assign(source=table["source"].map(order))
    return drawing.forest(named, ["run"], axis)


def _between(rows: pd.DataFrame, difference: Callable, axis: str) -> Drawing:
    tables = []
    for source in source_order(rows["of"]):
        names = list(dict.fromkeys(rows.loc[rows["of"] == source, "source"]))
        pairs = combinations(names, 2) if len(names) <= IN_PAIRS else ((names[0], other) for other in names[1:])
        tables += [difference(rows, *pair) for pair in pairs]
    if not tables:
        names = rows["run"].unique()
        only = f"only {names[0]} has readings of this task" if len(names) == 1 else "no source is in two of these runs"
        raise StatisticsError(only)
    table = pd.concat(tables, ignore_index=True)
    return drawing.forest(table, ["first", "second"], axis, null=0.0, limits=None)
