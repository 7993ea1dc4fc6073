"""Names under which the image metrics stand in the report's results."""

import pandas as pd

from helpers.findings import Cell
from helpers.image_metrics.condition import METRIC as CONDITION
from helpers.provenance import Stage


def result_name(row: pd.Series) -> str:
    """Dotted name of a row of the metrics table.

    ``metrics.gan.kid`` overall, ``metrics.gan.kid.atelectasis_present`` for a cell,
    ``metrics.gan.condition_auroc.atelectasis`` for a finding.
    """
    name = f"metrics.{row['source']}.{row['metric']}"
    if pd.isna(row["finding"]):
        return name
    if row["metric"] == CONDITION:
        return f"{name}.{row['finding']}"
    return f"{name}.{Cell(row['finding'], int(row['present'])).label}"


def record_metrics(stage: Stage, metrics: pd.DataFrame) -> None:
    """Record every row of the metrics table, missing values with the reason in their method."""
    for _, row in metrics.iterrows():
        stage.record(result_name(row), row["value"], row["low"], row["high"], n=row["n"], method=row["method"])
