import pytest
import torch

from helpers.generators import precision
from helpers.generators.enlarging.enlarger import Enlarger, EnlargerShape
from helpers.generators.enlarging.trainer import EnlargerSettings, EnlargerTrainer
from helpers.generators.training_data import TrainingData

SHAPE = EnlargerShape(size=8, factor=4, fold=2, width=8, blocks=1)


def images_of(count: int) -> TrainingData:
    """Random images of 32 pixels with random states."""
    random = torch.Generator().manual_seed(5)
    images = torch.randint(0, 256, (count, 1, 32, 32), generator=random, dtype=torch.uint8)
    return TrainingData(images, torch.randint(-1, 2, (count, 4), generator=random, dtype=torch.int8))


@pytest.fixture
def data():
    return images_of(12)


@pytest.fixture
def trainer(data):
    """A function that makes a trainer in float32 of squares of 16 pixels; settings by name."""

    def make(start=None, shape=SHAPE, **settings):
        small = {"batch": 4, "crop": 16, "adversarial_from": 8} | settings
        return EnlargerTrainer(data, shape, EnlargerSettings(**small), precision.choose("cpu", "float32"), start)

    return make


@pytest.fixture
def enlarger():
    """One whose decoder has learned something."""
    torch.manual_seed(3)
    made = Enlarger(SHAPE)
    for weights in made.autoencoder.decoder.parameters():
        weights.data.add_(torch.randn(weights.shape), alpha=0.01)
    return made.eval().requires_grad_(False)
