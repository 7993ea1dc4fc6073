"""The smallest model that can be trained as one that is told in words: a line."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from helpers.findings import ORIGINAL
from helpers.generators import precision
from helpers.generators.training_data import TrainingData
from helpers.generators.words.told_trainer import ToldTrainer


@dataclass(frozen=True)
class LineSettings:
    seed: int = 1
    batch: int = 4
    learning_rate: float = 0.1
    warmup_images: int = 0
    falling: float = 0.0


class Line(ToldTrainer):
    """``weight`` is drawn towards 2 by every image."""

    parts = ("networks", "optimiser")

    def __init__(self, **settings):
        states = torch.tensor([[1, 0, -1, -1]] * 6, dtype=torch.int8)
        images = torch.zeros((6, 1, 16, 16), dtype=torch.uint8)
        data = TrainingData(images, states, texts=("Left pleural effusion.", None) * 3)
        super().__init__(data, LineSettings(**settings), precision.choose("cpu", "float32"))
        self.study, self.aim = ORIGINAL, 2.0
        self.networks = self.average = nn.ParameterList([nn.Parameter(torch.zeros(()))])
        self.optimiser = torch.optim.SGD(self.networks.parameters(), lr=1.0)

    @property
    def weight(self) -> float:
        return self.networks[0].item()

    def losses(self):
        return {"loss": (self.networks[0] - self.aim) ** 2}

    def draw(self, states, seed):
        return np.random.default_rng([seed, self.steps]).random((len(states), 16, 16), dtype=np.float32)


Line.__module__ = ToldTrainer.__module__  # code of the project, of which a checkpoint is
