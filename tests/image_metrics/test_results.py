"""Every number of the metrics table has its own name in the report's results."""

import pandas as pd
import pytest

from helpers.image_metrics.results import record_metrics, result_name

ROWS = [
    ("real", None, None, "frechet_distance", "metrics.real.frechet_distance"),
    ("gan", None, None, "kid", "metrics.gan.kid"),
    ("gan", "atelectasis", 1, "frechet_distance", "metrics.gan.frechet_distance.atelectasis_present"),
    ("mine", "lung_opacity", 0, "kid", "metrics.mine.kid.lung_opacity_absent"),
    ("mine", "lung_opacity", None, "condition_auroc", "metrics.mine.condition_auroc.lung_opacity"),
]


@pytest.fixture
def table():
    columns = ["source", "finding", "present", "metric", "name"]
    rows = pd.DataFrame(ROWS, columns=columns).astype({"present": "Int64"})
    return rows.assign(value=[1.0, 2.0, float("nan"), 4.0, 5.0], low=0.5, high=6.0, n=7, method="m")


def test_names_are_source_metric_and_cell(table):
    assert [result_name(row) for _, row in table.iterrows()] == table["name"].tolist()


def test_every_row_is_recorded_the_missing_ones_with_their_reason(table):
    class Recorder:
        rows = {}

        def record(self, name, value, low, high, *, n, method):
            self.rows[name] = (value, low, high, n, method)

    stage = Recorder()
    record_metrics(stage, table)
    assert list(stage.rows) == table["name"].tolist()
    assert stage.rows["metrics.gan.kid"] == (2.0, 0.5, 6.0, 7, "m")
