"""A GAN of 8 x 8 pixels in training, that is quick enough for tests."""

import torch

from helpers.generators import precision
from helpers.generators.gan_trainer import GanSettings, GanTrainer
from helpers.generators.stylegan2 import Architecture
from helpers.generators.training_data import TrainingData

SHAPE = Architecture(size=8, width=4, widest=8, latent=8)


def trainer(wanted="float32", **settings):
    """A trainer on 24 random images with random states, with batches of 4."""
    random = torch.Generator().manual_seed(5)
    images = torch.randint(0, 256, (24, 1, 8, 8), generator=random, dtype=torch.uint8)
    data = TrainingData(images, torch.randint(-1, 2, (24, 4), generator=random, dtype=torch.int8))
    return GanTrainer(data, SHAPE, GanSettings(**{"batch": 4} | settings), precision.choose("cpu", wanted))


def weights(network):
    """All weights of a network in one vector."""
    return torch.cat([weight.detach().flatten() for weight in network.parameters()])
