import pytest
import torch

from helpers.findings import ORIGINAL
from helpers.generators import precision
from helpers.generators.finetuning.base import Base
from helpers.generators.finetuning.settings import TuningSettings
from helpers.generators.finetuning.trainer import TuningTrainer
from helpers.generators.training_data import TrainingData


@pytest.fixture
def data():
    """Random images of 12 pixels, a third of them with a report."""
    random = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (9, 1, 12, 12), generator=random, dtype=torch.uint8)
    states = torch.randint(0, 2, (9, 4), generator=random, dtype=torch.int8)
    return TrainingData(images, states, texts=("Left pleural effusion.", None, None) * 3)


@pytest.fixture(scope="session")
def arithmetic():
    return precision.choose("cpu", "float32")


@pytest.fixture
def trainer(data, arithmetic, pipeline_folder):
    """A function that makes a trainer of the tiny pipeline; settings by name."""

    def make(**settings):
        chosen = TuningSettings(**{"batch": 3, "warmup_images": 0, "learning_rate": 0.01} | settings)
        return TuningTrainer(data, chosen, ORIGINAL, arithmetic, Base(pipeline_folder, "digest"))

    return make
