"""A sweep: many runs of the chain that differ in some parameters, and their numbers in one table and figure."""

import argparse
import difflib
import sys
from pathlib import Path

import pandas as pd

from helpers.chain import begin_again_where_files_differ, begin_again_where_parameters_differ, waiting_note
from helpers.errors import ParameterError, RunError, exit_code_of
from helpers.files import atomic_write, write_text
from helpers.grid import Grid, read_grid, sweep_folder, written_params
from helpers.runs import Run
from helpers.tables import write_table

RUNS, NUMBERS, FIGURE = "runs.csv", "numbers.csv", "figure.png"
COLUMNS = ("name", "value", "low", "high", "n", "method")


def check(grid: Grid) -> None:
    """Write the params file of every run and the list of runs; raises ParameterError before, if any run is wrong."""
    parameters = [point.parameters() for point in grid.points]
    for point, sections in zip(grid.points, parameters, strict=True):
        run, text = Run(point.run), written_params(point)
        if not run.params.is_file() or run.params.read_text(encoding="utf-8") != text:
            write_text(run.params, text)
        begin_again_where_files_differ(run)
        begin_again_where_parameters_differ(run, sections, run.params)
        waiting_note(run).unlink(missing_ok=True)
    write_table(pd.DataFrame([{"run": p.run, **p.levels} for p in grid.points]), grid.folder / RUNS)


def gather(grid: Grid) -> pd.DataFrame:
    """Every number of every run of a grid: run, the axes, name, value, low, high, n and method.

    Raises RunError for a run without numbers.
    """
    from helpers.provenance import read_results

    tables = []
    for point in grid.points:
        rows = read_results(Run(point.run))
        if not rows:
            raise RunError(f"{point.origin}: has no numbers yet; run the same `make sweep` again")
        table = pd.DataFrame(rows, columns=list(COLUMNS))
        for place, (axis, level) in enumerate({"run": point.run, **point.levels}.items()):
            table.insert(place, axis, level)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def finish(grid: Grid) -> None:
    """Write the table and the figure of a sweep; raises ParameterError if a number to be shown does not exist."""
    from helpers.figures.style import use_style
    from helpers.figures.sweep import sweep_figure

    table = gather(grid)
    write_table(table, grid.folder / NUMBERS)
    for name in grid.shown:
        if name not in set(table["name"]):
            near = difflib.get_close_matches(name, table["name"].unique(), n=3, cutoff=0.3)
            raise ParameterError(
                f"{grid.path}: shown: {name!r} is not a number of these runs; "
                f"near: {', '.join(near) or 'none'}; all are in {grid.folder / NUMBERS}"
            )
    use_style()
    figure = sweep_figure(table[table["name"].isin(grid.shown)], grid.axes, list(grid.shown), _made_of(grid))
    with atomic_write(grid.folder / FIGURE) as temporary:
        figure.savefig(temporary, format="png", dpi=150, bbox_inches="tight", metadata={"Software": None})


def _made_of(grid: Grid) -> str:
    """What a sweep's images and readers are, for its figure; a sweep waits for nobody, so readers are simulated."""
    phantoms = any(point.parameters()["01_cohort"]["cohort"] == "phantom" for point in grid.points)
    return f"{'Phantoms stand for real images. ' if phantoms else ''}Any readers are simulated. "


def runs_of_sweep(name: str) -> list[str]:
    """Names of a sweep's runs, in the order of its grid; empty if there is no such sweep."""
    file = sweep_folder(name) / RUNS
    return list(pd.read_csv(file, dtype=str, keep_default_na=False)["run"]) if file.is_file() else []


def main(arguments: list[str] | None = None) -> int:
    """``python -m helpers.sweep check --grid notebooks/params/sweep.yaml``"""
    parser = argparse.ArgumentParser(prog="python -m helpers.sweep", description=main.__doc__)
    parser.add_argument("step", choices=("check", "finish"))
    parser.add_argument("--grid", required=True, type=Path)
    options = parser.parse_args(arguments)
    step = {"check": check, "finish": finish}[options.step]
    return exit_code_of(lambda: step(read_grid(options.grid)))


if __name__ == "__main__":
    sys.exit(main())
