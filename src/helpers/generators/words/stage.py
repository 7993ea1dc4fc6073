"""Trains a small Stable Diffusion model on texts, and writes it as a diffusers pipeline."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path

import torch

from helpers.checks import chosen
from helpers.errors import CheckpointError
from helpers.findings import Findings
from helpers.generators.enlarging.enlarger import Enlarger
from helpers.generators.precision import Precision
from helpers.generators.pretrained import cpu_state
from helpers.generators.pretrained import find as find_start
from helpers.generators.processes import Processes
from helpers.generators.told_training import DESCRIPTION, PIPELINE, Trained, train_told
from helpers.generators.training_data import TrainingData
from helpers.generators.words import vocabulary
from helpers.generators.words.networks import WordsShape, pipeline_of, read
from helpers.generators.words.settings import WordsSettings
from helpers.generators.words.trainer import WordsTrainer


def train_stage(
    data: TrainingData,
    findings: Findings,
    decoder: Enlarger,
    parameters: Mapping,
    precision: Precision,
    folder: str | Path,
    processes: Processes | None = None,
    **options,
) -> Trained:
    """Train the diffusion model of a study with the parameters of notebook 03 and write it to ``folder``.

    ``data`` has the study's image size and is reduced to the one that the ``decoder``, the run's enlarger, takes.
    Output and ``options`` are those of ``train_told``; the pipeline has the averaged weights and the decoder, and the
    description also gives the shape.
    """
    drawn, start = decoder.shape, find_start(parameters["warm_start"])
    shape = chosen(WordsShape, parameters, size=drawn.size, fold=drawn.fold)
    settings, small = chosen(WordsSettings, parameters), data.drawn_at(drawn.size)
    trainer = WordsTrainer(small, shape, settings, findings, data.size, precision, start, processes)

    def save(pipeline: Path) -> None:
        networks = deepcopy(trainer.average).to("cpu", memory_format=torch.contiguous_format)
        tokenizer = vocabulary.tokenizer_of(trainer.learned)  # one in use would store the options of its last call
        made = pipeline_of(networks["unet"], networks["text_encoder"], tokenizer, decoder, settings.grain)
        made.save_pretrained(pipeline)

    return train_told(trainer, small, parameters, Path(folder), save, {"shape": asdict(shape)}, **options)


def trained_in(folder: str | Path) -> tuple[dict, dict, dict]:
    """Read what a training in ``folder`` has made, as a warm start for others.

    Returns weights by network, what its tokenizer is made from, and its description (images_seen, shape). Raises
    CheckpointError if it is not finished or is of another kind.
    """
    folder = Path(folder)
    try:
        described = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        if "base" in described:
            raise ValueError(f"its model was tuned from {described['base']}, which any run may name as its base")
        if "shape" not in described:
            raise ValueError(f"{DESCRIPTION} has no shape")
        pipeline = read(folder / PIPELINE)
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"{folder}: no finished training of a small Stable Diffusion ({error}); run 03_train_diffusion first"
        ) from error
    networks = {"unet": cpu_state(pipeline.unet), "text_encoder": cpu_state(pipeline.text_encoder_2)}
    return networks, vocabulary.learned_by(pipeline.tokenizer_2), described
