"""What notebook 03 does: trains a small Stable Diffusion from words, and writes it as a pipeline of diffusers."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import rmtree

import pandas as pd
import torch

from helpers.checks import chosen
from helpers.errors import CheckpointError
from helpers.files import write_text
from helpers.findings import Findings
from helpers.generators.budget import Budget
from helpers.generators.enlarging.enlarger import Enlarger
from helpers.generators.precision import Precision
from helpers.generators.pretrained import cpu_state
from helpers.generators.pretrained import find as find_start
from helpers.generators.processes import Processes
from helpers.generators.snapshots import SnapshotSettings, SnapshotTaker
from helpers.generators.training_data import TrainingData
from helpers.generators.training_loop import train
from helpers.generators.words import vocabulary
from helpers.generators.words.networks import WordsShape, pipeline_of, read
from helpers.generators.words.trainer import WordsSettings, WordsTrainer
from helpers.tables import write_table

PIPELINE = "pipeline"
DESCRIPTION = "training.json"


@dataclass(frozen=True)
class Trained:
    """A finished training: its pipeline's folder, its log, how many images it saw and how many weights it has."""

    pipeline: Path
    log: pd.DataFrame
    images_seen: int
    parameters: int


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
    """Train the diffusion model of a study under the parameters of notebook 03 and write it to ``folder``.

    ``data`` have the study's size and are reduced to what the ``decoder``, the run's enlarger, takes. Writes
    ``checkpoint/`` and ``log.csv``, in the end ``pipeline/`` with the averaged weights and the decoder, and
    ``training.json`` (images; images_seen, those of a warm start included; seconds; shape), and with snapshots also
    ``snapshots.csv`` (images, seconds, frechet, spread) and ``snapshots/``. ``options`` go to ``training_loop.train``.
    """
    folder, processes, drawn = Path(folder), processes or Processes(), decoder.shape
    start, budget = find_start(parameters["warm_start"]), Budget.from_parameter(parameters["budget"])
    shape = chosen(WordsShape, parameters, size=drawn.size, fold=drawn.fold)
    settings = chosen(WordsSettings, parameters)
    small = data.drawn_at(drawn.size)
    trainer = WordsTrainer(small, shape, settings, findings, data.size, precision, start, processes)
    taker = SnapshotTaker(small, chosen(SnapshotSettings, parameters), folder / "snapshots", settings.seed)
    log = train(trainer, budget, folder / "checkpoint", folder / "log.csv", taker, "Diffusion", **options)
    weights = sum(values.numel() for name in ("unet", "text_encoder") for values in trainer.average[name].parameters())
    trained = Trained(folder / PIPELINE, log, trainer.images_seen, weights)
    if not processes.first:
        return trained
    write_table(log, folder / "log.csv")
    if trainer.snapshots.rows:
        write_table(pd.DataFrame(trainer.snapshots.rows), folder / "snapshots.csv")
    trainer.snapshots.weights(trainer.average)
    save(trainer, decoder, trained.pipeline)
    described = {name: getattr(trainer, name) for name in ("images", "images_seen")}
    described |= {"seconds": round(trainer.seconds, 1), "shape": asdict(shape)}
    write_text(folder / DESCRIPTION, json.dumps(described, indent=1) + "\n")
    return trained


def trained_in(folder: str | Path) -> tuple[dict, dict, dict]:
    """What a training in ``folder`` has made, to start others from: weights by network, what its tokenizer is made of,
    and its description (images_seen, shape). Raises CheckpointError where it is not finished."""
    folder = Path(folder)
    try:
        described = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        pipeline = read(folder / PIPELINE)
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{folder}: no finished training ({error}); run 03_train_diffusion first") from error
    networks = {"unet": cpu_state(pipeline.unet), "text_encoder": cpu_state(pipeline.text_encoder_2)}
    return networks, vocabulary.learned_by(pipeline.tokenizer_2), described


def save(trainer: WordsTrainer, decoder: Enlarger, folder: Path) -> None:
    """Write a trainer's averaged networks as a pipeline; the folder is there only when it is whole."""
    temporary = folder.with_name(f".{folder.name}-part")
    for old in (temporary, folder):
        rmtree(old, ignore_errors=True)
    networks = deepcopy(trainer.average).to("cpu", memory_format=torch.contiguous_format)
    tokenizer = vocabulary.tokenizer_of(trainer.learned)  # one in use keeps how it was last asked, and stores it
    pipeline = pipeline_of(networks["unet"], networks["text_encoder"], tokenizer, decoder)
    pipeline.save_pretrained(temporary)
    temporary.rename(folder)
