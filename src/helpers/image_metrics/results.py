"""Names of the image metrics in the report's results."""

import re

import pandas as pd

from helpers.findings import Cell
from helpers.provenance import Stage
from helpers.tables import REAL


def result_name(row: pd.Series) -> str:
    """Dotted name of a row of the metrics table.

    ``metrics.gan.kid`` overall, ``metrics.gan.kid.atelectasis_present`` for a cell,
    ``metrics.gan.condition_auroc.atelectasis`` for a finding.
    """
    name = f"metrics.{row['source']}.{row['metric']}"
    if pd.isna(row["finding"]):
        return name
    if pd.isna(row["present"]):
        return f"{name}.{row['finding']}"
    return f"{name}.{Cell(row['finding'], int(row['present'])).label}"


def in_space(metrics: pd.DataFrame, extractor: str) -> pd.DataFrame:
    """The same rows with the metrics named after the extractor used: ``kid_by_random_network``."""
    slug = re.sub(r"[^A-Za-z0-9]+", "_", extractor).strip("_").lower()
    return metrics.assign(metric=metrics["metric"] + f"_by_{slug}")


def record_metrics(stage: Stage, metrics: pd.DataFrame) -> None:
    """Record every row of the metrics table; the method of a missing value gives the reason."""
    for _, row in metrics.iterrows():
        stage.record(result_name(row), row["value"], row["low"], row["high"], n=row["n"], method=row["method"])


def record_wordings(stage: Stage, table: pd.DataFrame) -> None:
    """Record ``wording_table`` except for real images: ``metrics.wording.original.condition_auroc.atelectasis``."""
    for _, row in table[table["source"] != REAL].iterrows():
        name = "metrics.wording." + re.sub(r"[^A-Za-z0-9_.-]", "_", result_name(row).removeprefix("metrics."))
        stage.record(name, row["value"], row["low"], row["high"], n=row["n"], method=row["method"])


def record_utility(stage: Stage, utility: pd.DataFrame) -> None:
    """Record every row of the utility table: ``metrics.gan.utility_gain.before_real.all``."""
    for row in utility.to_dict("records"):
        way = re.sub(r"[^A-Za-z0-9.]+", "_", row["way"])
        name = f"metrics.{row['source']}.{row['metric']}.{way}.{row['finding']}"
        stage.record(name, row["value"], row["low"], row["high"], n=row["n"], method=row["method"])
