"""Fine-tunes a Stable Diffusion model on a study's images and words, and writes it as a diffusers pipeline."""

from collections.abc import Mapping
from pathlib import Path

from helpers.checks import chosen
from helpers.findings import Findings
from helpers.generators.finetuning import base
from helpers.generators.finetuning.settings import TuningSettings
from helpers.generators.finetuning.trainer import TuningTrainer
from helpers.generators.precision import Precision
from helpers.generators.processes import Processes
from helpers.generators.told_training import Trained, train_told
from helpers.generators.training_data import TrainingData


def train_stage(
    data: TrainingData,
    findings: Findings,
    parameters: Mapping,
    precision: Precision,
    folder: str | Path,
    processes: Processes | None = None,
    **options,
) -> Trained:
    """Tune the pipeline in the folder ``base`` with the parameters of notebook 03 and write it to ``folder``.

    ``data`` has the study's image size. Output and ``options`` are those of ``train_told``; the description also names
    the base. Raises SampleError for a folder without a pipeline, ParameterError for one that cannot be tuned.
    """
    start, settings = base.find(parameters["base"]), chosen(TuningSettings, parameters)
    trainer = TuningTrainer(data, settings, findings, precision, start, processes)
    described = {"base": str(start.path), "base_sha256": start.sha256}
    return train_told(trainer, data, parameters, Path(folder), trainer.tunable.save, described, **options)
