"""The project's two generators for the benchmark, from random weights and without labels, as the peers have none."""

import numpy as np
import timed
import torch

from helpers.checks import chosen
from helpers.findings import ORIGINAL, UNSPECIFIED
from helpers.generators.gan_trainer import GanSettings, GanTrainer
from helpers.generators.precision import choose
from helpers.generators.stylegan2 import Architecture
from helpers.generators.training_data import TrainingData
from helpers.generators.words.networks import WordsShape
from helpers.generators.words.trainer import WordsSettings, WordsTrainer
from helpers.parameters import read_params
from helpers.runs import NOTEBOOKS

FEW = 2000  # below this many training images: adaptive augmentation for the discriminator, and no noise inputs


def parameters(stage: str) -> dict:
    """The parameters of the pretrained weights' training: from nothing, on two cores."""
    return read_params(NOTEBOOKS / "params" / "pretrain.yaml")[stage]


def unlabelled(images: np.ndarray) -> TrainingData:
    """Images with every finding unspecified."""
    return TrainingData(torch.from_numpy(images)[:, None], torch.full((len(images), 4), UNSPECIFIED, dtype=torch.int8))


def gan(images: np.ndarray, seed: int, steps: int) -> timed.Model:
    """The GAN: the generator's averaged weights, no truncation."""
    given, data = parameters("02_train_gan"), unlabelled(images)
    shape = chosen(Architecture, given, size=data.size)
    changes = {"seed": seed, "classification_weight": 0.0}
    changes |= {"augmentation": "ada", "noise_inputs": False} if len(data) < FEW else {"augmentation": "none"}
    trainer = GanTrainer(data, shape, chosen(GanSettings, given, **changes), choose())
    weights = sum(weight.numel() for weight in trainer.generator.parameters())
    return timed.Model(trainer.train_step, sampler(trainer), trainer.settings.batch, weights)


def diffusion(images: np.ndarray, seed: int, steps: int) -> timed.Model:
    """The diffusion model: the averaged weights of its UNet, which gets no words here."""
    given, data = parameters("03_train_diffusion"), unlabelled(images)
    shape, settings = chosen(WordsShape, given, size=data.size), chosen(WordsSettings, given, seed=seed)
    trainer = WordsTrainer(data, shape, settings, ORIGINAL, data.size, choose())
    weights = sum(weight.numel() for weight in trainer.average["unet"].parameters())
    return timed.Model(trainer.train_step, sampler(trainer, steps=steps), trainer.settings.batch, weights)


def sampler(trainer: GanTrainer | WordsTrainer, **options):
    """Draws with the averaged weights."""
    return lambda count: trainer.draw(torch.full((count, 4), UNSPECIFIED, dtype=torch.int8), 1000, **options)


if __name__ == "__main__":
    timed.run({"gan": gan, "diffusion": diffusion}, ["diffusers"])
