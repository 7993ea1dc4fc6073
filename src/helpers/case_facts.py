"""What readings do not hold of their cases and trials: columns of the cohort or of the user's table, unread trials."""

from collections.abc import Iterable

import pandas as pd

from helpers.provenance import Stage, findings_of
from helpers.stats.incoming.cells import names
from helpers.stats.incoming.columns import as_table, has_header
from helpers.stats.incoming.files import read_cells
from helpers.stats.missing_readings import crossing, planned_trials
from helpers.stats.subgroups import with_cohort, with_columns
from helpers.tables import PLAN, cohort_schema, read_table


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
    """Trials that were to be read: those of the run's plan, or for another table those of its crossing."""
    if readings is not None:
        return crossing(rows)
    plan = read_table(stage.after("06_study_plan") / "plan.csv", PLAN)
    return planned_trials(plan, rows["task"].iloc[0])
