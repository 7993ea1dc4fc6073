"""Two processes that share every batch train as one process does, but for rounding."""

import json
import os
import socket
import subprocess
import sys

import pytest
import torch

from helpers.errors import ParameterError
from helpers.findings import ORIGINAL
from helpers.generators import precision
from helpers.generators.gan_trainer import GanSettings, GanTrainer
from helpers.generators.processes import Draws, Processes
from helpers.generators.stylegan2 import Architecture
from helpers.generators.training_data import TrainingData
from helpers.generators.words.networks import WordsShape
from helpers.generators.words.settings import WordsSettings
from helpers.generators.words.trainer import LOSSES as WORDS_LOSSES
from helpers.generators.words.trainer import WordsTrainer

STEPS = 3
LOSSES = ("discriminator_loss", "generator_loss", "real_classification_loss", "path_length")


def trainings(processes):
    """Losses of a few steps of both trainers, means over the processes, and the sum of the weights after them."""
    random = torch.Generator().manual_seed(5)
    images = torch.randint(0, 256, (24, 1, 16, 16), generator=random, dtype=torch.uint8)
    states, patients = torch.randint(-1, 2, (24, 4), generator=random, dtype=torch.int8), torch.arange(24) // 3
    outlines = torch.randint(0, 256, (24, 4, 16, 16), generator=random, dtype=torch.uint8)
    data = TrainingData(images, states, patients=patients, outlines=outlines)
    arithmetic = precision.choose("cpu", "float32")
    settings = GanSettings(
        batch=8, path_length_weight=2.0, style_mixing=0.9, augmentation="ada", classification_weight=1.0
    )
    gan = GanTrainer(data, Architecture(16, 4, 8, 8), settings, arithmetic, processes=processes)
    gan.augmentation.p = 0.5
    shape = WordsShape(size=16, fold=4, channels=(32, 32), text_width=32, text_layers=2)
    told = WordsSettings(
        batch=8,
        warmup_images=0,
        from_noise=0.4,
        words_first=8,
        sketching=0.1,
        region_attention=0.1,
        outlining=0.2,
        coarse_weight=2,
        same_patient=3,
        difference_weight=4,
    )
    diffusion = WordsTrainer(data, shape, told, ORIGINAL, 16, arithmetic, processes=processes)
    found = {"gan": [], "diffusion": []}
    for _ in range(STEPS):
        measured = gan.train_step()
        found["gan"] += [float(processes.mean(measured[name])) for name in LOSSES if name in measured]
        measured = diffusion.train_step()
        found["diffusion"] += [measured[name] for name in WORDS_LOSSES if name in measured]
    for name, network in (("gan", gan.generator), ("diffusion", diffusion.networks)):
        found[name].append(float(sum(weight.detach().abs().sum() for weight in network.parameters())))
    return found


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


@pytest.fixture(scope="module")
def together():
    """What the first of two launched processes found."""
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "WORLD_SIZE": "2", "ACCELERATE_USE_CPU": "1"}
    place |= {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    running = [
        subprocess.Popen(
            [sys.executable, __file__],
            env=os.environ | place | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    said = [process.communicate(timeout=300)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    return json.loads(said[0].splitlines()[-1])


@pytest.fixture(scope="module")
def alone():
    return trainings(Processes())


@pytest.mark.parametrize("model", ["gan", "diffusion"])
def test_two_processes_have_the_losses_of_one_with_the_same_whole_batch(alone, together, model):
    assert together[model] == pytest.approx(alone[model], rel=1e-4)


def test_a_batch_that_cannot_be_shared_is_refused():
    with pytest.raises(ParameterError, match="batch = 9.*2 processes"):
        Processes(2, 0).check(9)


def test_every_process_keeps_its_share_of_what_is_drawn_for_all():
    for of in (None, torch.tensor([0, 0, 2, 2, 4, 4])):
        whole = Draws.of_seed(3).normal(6, 2, of=of)
        parts = [Draws.of_seed(3, processes=Processes(2, rank)).normal(3, 2, of=of) for rank in (0, 1)]
        assert torch.equal(torch.stack(parts, dim=1).flatten(0, 1), whole)
        assert torch.equal(whole[0], whole[1]) == (of is not None)


if __name__ == "__main__":
    print(json.dumps(trainings(Processes.launched())))
