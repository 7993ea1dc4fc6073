"""Facts about cases and trials that the readings do not contain: columns of the cohort or of the user's table, unread
trials, and the regions of findings."""

from collections.abc import Iterable
from functools import partial

import pandas as pd

from helpers.provenance import Stage, findings_of
from helpers.stats.incoming.cells import names
from helpers.stats.incoming.columns import as_table, has_header
from helpers.stats.incoming.files import read_cells
from helpers.stats.mrmc.figures_of_merit import LROC_AREA, LROC_PCL
from helpers.stats.mrmc.localisation import mark_analysis
from helpers.stats.mrmc.reading_marks import marks_in_boxes, marks_in_masks, read_boxes
from helpers.stats.subgroups import with_cohort, with_columns
from helpers.stats.unread_trials import crossing, planned_trials
from helpers.study.drawn_boxes import boxes_of_run
from helpers.study.finding_regions import masks_of_run
from helpers.tables import PLAN, REAL, cohort_schema, read_table


def with_moderators(stage: Stage, rows: pd.DataFrame, readings: str | None, columns: Iterable[str]) -> pd.DataFrame:
    """Analysed readings with the columns of the run's cohort, or with ``columns`` of the table that was read.

    ``readings``: the parameter of the notebook, None for the run's own readings.
    """
    if readings is not None:
        for sheet in filter(has_header, read_cells(readings)[0]):
            table = as_table(sheet, readings, [])
            if "case" in table:
                table = table[table["case"].notna()]
                table["case"] = names(table["case"], "case", readings, [])
                rows = with_columns(rows, table, list(columns))
        return rows
    schema = cohort_schema(findings_of(stage.run))
    return with_cohort(rows, read_table(stage.after("01_cohort") / "cohort.csv", schema))


def planned(stage: Stage, rows: pd.DataFrame, readings: str | None) -> pd.DataFrame:
    """Trials that should have been read: those of the run's plan or, for another table, of its ``crossing``."""
    if readings is not None:
        return crossing(rows)
    plan = read_table(stage.after("06_study_plan") / "plan.csv", PLAN)
    return planned_trials(plan, rows["task"].iloc[0])


def analysis_of_marks(stage: Stage, rows: pd.DataFrame, readings: str | None, boxes: str | None) -> pd.DataFrame:
    """``mark_analysis`` of the marks in the analysed readings: for free marks, and for one location per case (LROC).

    ``boxes``: a table of the locations of findings (``read_boxes``), used for the sources whose cases it contains;
    None: the real images of the run, if they are phantoms or their data set has boxes. ``readings``: the parameter of
    the notebook, None for the run's own. Raises StatisticsError if nothing is marked or a finding has no region.
    """
    if boxes is not None:
        stage.reads(boxes)
        regions = read_boxes(boxes)
        known = rows["source"].isin(set(rows.loc[rows["case"].astype(str).isin(regions["case"]), "source"]))
        tables = partial(marks_in_boxes, rows[known], regions)
    elif readings is None and (drawn := boxes_of_run(stage.run, rows)) is not None:
        tables = partial(marks_in_boxes, *drawn)
    else:
        rows = rows[rows["source"] == REAL]
        tables = partial(marks_in_masks, rows, {} if readings else masks_of_run(stage.run, rows))
    free = mark_analysis(*tables())
    one_place = mark_analysis(*tables(one_place=True), figures=(LROC_AREA, LROC_PCL))
    return pd.concat([free, one_place], ignore_index=True)
