from dataclasses import replace

import pytest
import torch

from helpers.findings import ORIGINAL
from helpers.generators import precision
from helpers.generators.enlarging.enlarger import Enlarger, EnlargerShape
from helpers.generators.training_data import TrainingData
from helpers.generators.words.networks import WordsShape
from helpers.generators.words.settings import WordsSettings
from helpers.generators.words.trainer import WordsTrainer

SHAPE = WordsShape(size=8, fold=2, channels=(32, 32), text_width=32, text_layers=2)
REPORTS = ("No effusion. Heart size is normal.", "Left pleural effusion.", None)


def images_of(count: int = 12) -> TrainingData:
    """Random images of 16 pixels with random states, two of three with a report."""
    random = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (count, 1, 16, 16), generator=random, dtype=torch.uint8)
    states = torch.randint(-1, 2, (count, 4), generator=random, dtype=torch.int8)
    return TrainingData(images, states, texts=tuple(REPORTS[number % 3] for number in range(count)))


@pytest.fixture
def data():
    return images_of()


@pytest.fixture(scope="session")
def arithmetic():
    return precision.choose("cpu", "float32")


@pytest.fixture
def trainer(data, arithmetic):
    """A function that makes a trainer of images of 8 pixels; settings by name."""

    def make(start=None, shape=SHAPE, texts=data.texts, outlined=False, **settings):
        small = WordsSettings(**{"batch": 4, "warmup_images": 0} | settings)
        outlines = torch.full((len(data), 4, 16, 16), 51, dtype=torch.uint8) if outlined else None
        drawn = replace(data.drawn_at(8), texts=texts, outlines=outlines)
        return WordsTrainer(drawn, shape, small, ORIGINAL, data.size, arithmetic, start)

    return make


@pytest.fixture
def it(trainer):
    return trainer()


@pytest.fixture
def decoder():
    """An enlarger from 8 to 16 pixels."""
    torch.manual_seed(3)
    return Enlarger(EnlargerShape(size=8, factor=2, fold=2, width=8, blocks=1)).eval().requires_grad_(False)
