"""Trains a run's GAN or diffusion model in several processes, on one machine or on many.

``accelerate launch --num_processes 4 -m helpers.generators.launch 02_train_gan --run big --params my.yaml``

If the stage's notebook is run afterwards with the same parameters, it finds the training finished and continues.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

import torch

from helpers.errors import exit_code_of
from helpers.generators import precision, train_diffusion, train_gan
from helpers.generators.phantom_outlines import outlines_in
from helpers.generators.processes import Processes
from helpers.generators.training_data import TrainingData
from helpers.parameters import read_params
from helpers.provenance import drawn_size_of, findings_of, notebook_parameters
from helpers.runs import Run

STAGES = ("02_train_gan", "03_train_diffusion")


def launch(stage: str, run: Run, parameters: Mapping, processes: Processes, device: torch.device | None = None) -> None:
    """Train one stage of a run with its notebook's parameters, together with the other processes."""
    cohort, findings = run.stage_folder("01_cohort") / "cohort.csv", findings_of(run)
    outlined = outlines_in(run) if parameters.get("outlining") else None
    data = TrainingData.from_cohort(cohort, run.folder, findings, outlined)
    if parameters["threads"]:
        torch.set_num_threads(parameters["threads"])
    arithmetic = precision.choose(device, parameters["precision"])
    common = (parameters, arithmetic, run.stage_folder(stage), processes)
    if stage == "02_train_gan":
        train_gan.train_stage(data.drawn_at(drawn_size_of(run)), *common)
    else:
        train_diffusion.train_stage(data, findings, run.stage_folder("02_train_enlarger"), *common)


def main(arguments: list[str] | None = None) -> int:
    """Train the stage given on the command line."""
    parser = argparse.ArgumentParser(prog="accelerate launch -m helpers.generators.launch", description=__doc__)
    parser.add_argument("stage", choices=STAGES)
    parser.add_argument("--run", required=True)
    parser.add_argument("--params", type=Path, required=True)
    chosen = parser.parse_args(arguments)

    def train() -> None:
        parameters = notebook_parameters(chosen.stage) | read_params(chosen.params)[chosen.stage]
        processes = Processes.launched()
        launch(chosen.stage, Run(chosen.run), parameters, processes, processes.device)

    return exit_code_of(train)


if __name__ == "__main__":
    sys.exit(main())
