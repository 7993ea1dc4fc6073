"""The numbers of a sweep's runs in one table and figure."""

import json

import pandas as pd
import pytest
import yaml

from helpers import sweep
from helpers.grid import read_grid
from helpers.runs import NOTEBOOKS, Run

NUMBERS = ["metrics.gan.recall", "metrics.gan.kid"]


@pytest.fixture
def grid(workspace):
    said = {
        "params": str(NOTEBOOKS / "params" / "test.yaml"),
        "until": "05_image_metrics",
        "grid": {"04_sample.guidance": [1.0, 3.0], "seed": [1, 2]},
        "shown": NUMBERS,
    }
    (workspace / "wide.yaml").write_text(yaml.safe_dump(said, sort_keys=False))
    return workspace / "wide.yaml"


def numbers_of(grid):
    """Give every run of a grid numbers of its own; returns them by run and name."""
    known = {}
    for place, point in enumerate(read_grid(grid).points):
        rows = [
            {"name": name, "value": place + n / 10, "low": place - 0.5, "high": None, "n": 40, "method": "known"}
            for n, name in enumerate(NUMBERS)
        ]
        folder = Run(point.run).stage_folder("05_image_metrics")
        folder.mkdir(parents=True)
        (folder / "results.json").write_text(json.dumps(rows))
        known |= {(point.run, row["name"]): row["value"] for row in rows}
    return known


def test_before_it_begins_every_run_has_its_params_file_and_the_sweep_the_list_of_its_runs(grid):
    assert sweep.runs_of_sweep("wide") == []
    assert sweep.main(["check", "--grid", str(grid)]) == 0
    assert sweep.runs_of_sweep("wide") == ["wide-1.0-1", "wide-1.0-2", "wide-3.0-1", "wide-3.0-2"]
    assert yaml.safe_load(Run("wide-3.0-2").params.read_text())["04_sample"]["guidance"] == 3.0


def test_a_wrong_level_stops_it_before_anything_is_written(grid, capsys):
    said = yaml.safe_load(grid.read_text())
    said["grid"]["04_sample.guidance"] = [1.0, "much"]
    grid.write_text(yaml.safe_dump(said))
    assert sweep.main(["check", "--grid", str(grid)]) == 2
    assert "04_sample.guidance = 'much'" in capsys.readouterr().err
    assert not Run("wide-1.0-1").folder.exists() and sweep.runs_of_sweep("wide") == []


def test_the_table_holds_every_number_of_every_run_by_its_levels(grid):
    known = numbers_of(grid)
    assert sweep.main(["finish", "--grid", str(grid)]) == 0
    folder = read_grid(grid).folder
    table = pd.read_csv(folder / sweep.NUMBERS)
    assert list(table.columns) == ["run", "04_sample.guidance", "seed", "name", "value", "low", "high", "n", "method"]
    assert {(row.run, row.name_): row.value for row in table.rename(columns={"name": "name_"}).itertuples()} == known
    assert table.loc[table["run"] == "wide-3.0-2", ["04_sample.guidance", "seed"]].values.tolist() == [[3.0, 2]] * 2
    assert (folder / sweep.FIGURE).read_bytes().startswith(b"\x89PNG")


def test_a_number_to_be_shown_that_there_is_not_is_named_with_its_neighbours(grid, capsys):
    numbers_of(grid)
    grid.write_text(grid.read_text().replace("gan.kid", "gan.kit"))
    assert sweep.main(["finish", "--grid", str(grid)]) == 2
    said = capsys.readouterr().err
    assert "wide.yaml: shown: 'metrics.gan.kit' is not a number of these runs" in said and "metrics.gan.kid" in said


def test_a_run_without_numbers_is_named(grid, capsys):
    assert sweep.main(["finish", "--grid", str(grid)]) == 2
    assert "run wide-1.0-1: has no numbers yet" in capsys.readouterr().err
