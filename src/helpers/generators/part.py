"""Draws the images of one source and cell, so that a cluster can draw all parts of notebook 04 at the same time.

``python -m helpers.generators.part gan atelectasis_present --run big --params my.yaml``

If notebook 04 is run afterwards with the same parameters, it finds these images and makes those still missing.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from helpers.errors import ParameterError, exit_code_of
from helpers.generators.sampling import sample_part
from helpers.generators.sources import specs_of
from helpers.notebooks import notebook_parameters
from helpers.parameters import read_params
from helpers.provenance import findings_of
from helpers.runs import Run

STAGE = "04_sample"


def draw(source: str, cell: str, run: Run, parameters: Mapping, workers: int) -> Path:
    """Make one part with notebook 04's parameters; returns its folder. Raises ParameterError for an unknown part."""
    findings = findings_of(run)
    specs = {spec["source"]: spec for spec in specs_of(run, parameters)}
    cells = {cell.label: cell for cell in findings.cells}
    for name, value, known in (("source", source, specs), ("cell", cell, cells)):
        if value not in known:
            raise ParameterError(f"{name} = {value!r}: run {run.name!r} has {', '.join(known)}")
    return sample_part(
        specs[source], cells[cell], findings, per_cell=parameters["per_cell"], seed=parameters["seed"], run=run,
        workers=workers,
    )  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Draw the part given on the command line."""
    parser = argparse.ArgumentParser(prog="python -m helpers.generators.part", description=__doc__)
    parser.add_argument("source")
    parser.add_argument("cell", help="such as atelectasis_present")
    parser.add_argument("--run", required=True)
    parser.add_argument("--params", type=Path, help="without: params.yaml in the run's folder, as a sweep writes it")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)

    def make() -> None:
        run = Run(options.run)
        parameters = notebook_parameters(STAGE) | read_params(options.params or run.params)[STAGE]
        draw(options.source, options.cell, run, parameters, options.threads)

    return exit_code_of(make)


if __name__ == "__main__":
    sys.exit(main())
