"""Every number of the metrics table has its own name in the report's results."""

import pandas as pd
import pytest

from helpers.image_metrics.results import in_space, record_metrics, record_utility, result_name

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


class Recorder:
    def __init__(self):
        self.rows = {}

    def record(self, name, value, low, high, *, n, method):
        self.rows[name] = (value, low, high, n, method)


def test_every_row_is_recorded_the_missing_ones_with_their_reason(table):
    stage = Recorder()
    record_metrics(stage, table)
    assert list(stage.rows) == table["name"].tolist()
    assert stage.rows["metrics.gan.kid"] == (2.0, 0.5, 6.0, 7, "m")


def test_a_second_opinion_has_the_extractor_in_its_name(table):
    assert result_name(in_space(table, "RAD-DINO v2").iloc[1]) == "metrics.gan.kid_by_rad_dino_v2"


def test_utility_is_recorded_by_source_way_and_finding():
    row = {"source": "gan", "way": "before real", "finding": "all", "metric": "utility_gain"}
    row |= {"value": 0.1, "low": 0.0, "high": 0.2, "n": 9, "method": "m"}
    stage = Recorder()
    record_utility(stage, pd.DataFrame([row, row | {"way": "added 0.5", "finding": "atelectasis"}]))
    names = ["metrics.gan.utility_gain.before_real.all", "metrics.gan.utility_gain.added_0.5.atelectasis"]
    assert list(stage.rows) == names
