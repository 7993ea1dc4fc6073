"""The project's two generators for the benchmark, from random weights and without labels, as the peers have none.

As in a study they draw images of 64 pixels; the enlarger trains in between, on the same clock.
"""

import numpy as np
import timed
import torch

from helpers.checks import chosen
from helpers.findings import ORIGINAL, UNSPECIFIED
from helpers.generators.enlarging.enlarger import EnlargerShape
from helpers.generators.enlarging.trainer import EnlargerSettings, EnlargerTrainer
from helpers.generators.gan_trainer import GanSettings, GanTrainer
from helpers.generators.precision import choose
from helpers.generators.stylegan2 import Architecture
from helpers.generators.training_data import TrainingData
from helpers.generators.words.networks import WordsShape
from helpers.generators.words.settings import WordsSettings
from helpers.generators.words.trainer import WordsTrainer
from helpers.parameters import read_params
from helpers.runs import NOTEBOOKS

DRAWN = 64  # pixels per side
ENLARGING, CRITIC_FROM = 0.25, 1500  # time for the enlarger, in that of the generator; images until its critic counts
DRAWN_AT_ONCE = 16
FEW = 2000  # below this many training images: adaptive augmentation for the discriminator, and no noise inputs


def unlabelled(images: np.ndarray) -> TrainingData:
    """Images with every finding unspecified."""
    return TrainingData(torch.from_numpy(images)[:, None], torch.full((len(images), 4), UNSPECIFIED, dtype=torch.int8))


def gan(images: np.ndarray, seed: int, steps: int) -> timed.Model:
    """The GAN: the generator's averaged weights, no truncation."""
    given, data = read_params(NOTEBOOKS / "params" / "pretrain.yaml")["02_train_gan"], unlabelled(images)
    small = data.drawn_at(DRAWN)
    shape = chosen(Architecture, given, size=small.size)
    changes = {"seed": seed, "classification_weight": 0.0}
    changes |= {"augmentation": "ada", "noise_inputs": False} if len(data) < FEW else {"augmentation": "none"}
    trainer = GanTrainer(small, shape, chosen(GanSettings, given, **changes), choose())
    weights = sum(weight.numel() for weight in trainer.generator.parameters())
    return timed_model(trainer, data, seed, weights)


def diffusion(images: np.ndarray, seed: int, steps: int) -> timed.Model:
    """The diffusion model: the averaged weights of its UNet, which gets no words here."""
    data = unlabelled(images)
    small = data.drawn_at(DRAWN)
    shape, settings = WordsShape(small.size, channels=(64, 128, 192)), WordsSettings(seed, batch=8, learning_rate=8e-4)
    trainer = WordsTrainer(small, shape, settings, ORIGINAL, data.size, choose())
    weights = sum(weight.numel() for weight in trainer.average["unet"].parameters())
    return timed_model(trainer, data, seed, weights, steps=steps)


def timed_model(
    trainer: GanTrainer | WordsTrainer, data: TrainingData, seed: int, weights: int, **drawing: int
) -> timed.Model:
    """A generator that draws with its averaged weights, and the enlarger for images as large as those of ``data``."""
    shape = EnlargerShape(size=DRAWN, factor=data.size // DRAWN)
    enlarger = EnlargerTrainer(data, shape, EnlargerSettings(seed=seed, adversarial_from=CRITIC_FROM), choose())

    def step() -> None:
        trainer.train_step()
        while enlarger.seconds < ENLARGING * trainer.seconds:
            enlarger.train_step()

    @torch.inference_mode()
    def draw(count: int) -> np.ndarray:
        drawn = trainer.draw(torch.full((count, 4), UNSPECIFIED, dtype=torch.int8), 1000, **drawing)
        small = torch.from_numpy(drawn)[:, None] * 2 - 1
        made = torch.cat([enlarger.average(part) for part in small.split(DRAWN_AT_ONCE)])
        return made[:, 0].numpy() / 2 + 0.5

    return timed.Model(step, draw, trainer.settings.batch, weights)


if __name__ == "__main__":
    timed.run({"gan": gan, "diffusion": diffusion}, ["diffusers"])
