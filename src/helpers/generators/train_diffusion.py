"""What notebook 03 does: trains a study's diffusion model, a small one of its own or a fine-tuned existing one."""

from collections.abc import Mapping
from pathlib import Path

from helpers.findings import Findings
from helpers.generators.enlarging import enlarger
from helpers.generators.finetuning import stage as finetuning
from helpers.generators.precision import Precision
from helpers.generators.processes import Processes
from helpers.generators.told_training import Trained
from helpers.generators.training_data import TrainingData
from helpers.generators.words import stage as words


def train_stage(
    data: TrainingData,
    findings: Findings,
    decoder: str | Path,
    parameters: Mapping,
    precision: Precision,
    folder: str | Path,
    processes: Processes | None = None,
    **options,
) -> Trained:
    """Train with the parameters of notebook 03 and write the model to ``folder``, as ``train_told`` does.

    The parameter ``base`` is the folder of a Stable Diffusion pipeline to fine-tune on the images; without it, a small
    Stable Diffusion model is trained, with the enlarger in the folder ``decoder`` as its decoder.
    """
    common = (parameters, precision, folder, processes)
    if parameters["base"]:
        return finetuning.train_stage(data, findings, *common, **options)
    return words.train_stage(data, findings, enlarger.load(decoder), *common, **options)
