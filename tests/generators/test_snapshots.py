"""Snapshots of a training: when, what they measure, which weights they keep, and that one image for all is noticed."""

import copy

import numpy as np
import pandas as pd
import pytest
import torch

from helpers.errors import ParameterError, TrainingError
from helpers.generators.snapshots import SnapshotSettings, SnapshotTaker, features, strips
from helpers.generators.trainer import Snapshots
from helpers.generators.training_data import TrainingData


class Trainer:
    """Draws training images with more or less noise; the noise stands for how badly it has learned."""

    def __init__(self, data):
        self.data, self.images, self.seconds, self.snapshots = data, 0, 0.0, Snapshots()
        self.average, self.noise = torch.nn.Linear(1, 1), 0.5

    def draw(self, states, seed):
        rng = np.random.default_rng(seed)
        real = self.data.images[rng.integers(len(self.data), size=len(states)), 0].numpy() / 255
        return np.float32(np.clip(real + self.noise * rng.standard_normal(real.shape), 0, 1))


@pytest.fixture
def data():
    y, x = np.mgrid[0:16, 0:16] / 16
    rng = np.random.default_rng(0)
    images = [0.5 + 0.3 * np.sin(4 * x + rng.random()) * np.cos(5 * y + rng.random()) for _ in range(60)]
    pixels = torch.from_numpy(np.uint8(np.stack(images) * 255))[:, None]
    return TrainingData(pixels, torch.zeros(60, 4, dtype=torch.int8))


def watched(data, folder, noises, **settings):
    """A training of 10 images a step, whose noise goes through ``noises``."""
    taker = SnapshotTaker(data, SnapshotSettings(**{"snapshot_every": 20, "snapshot_images": 40} | settings), folder)
    trainer = Trainer(data)
    for noise in noises:
        taker.take_if_due(trainer)
        trainer.images, trainer.noise = trainer.images + 10, noise
        trainer.average = copy.deepcopy(trainer.average)
        torch.nn.init.constant_(trainer.average.weight, noise)
    taker.take_if_due(trainer, finished=True)
    return trainer


def test_snapshots_are_taken_at_the_start_every_so_many_images_and_at_the_end(data, tmp_path):
    trainer = watched(data, tmp_path, [0.3] * 5)
    assert [row["images"] for row in trainer.snapshots.rows] == [0, 20, 40, 50]
    assert sorted(path.name for path in tmp_path.glob("*.png"))[-1] == "0000000050.png"


def test_no_looks_where_none_are_asked_for(data, tmp_path):
    assert watched(data, tmp_path, [0.3] * 5, snapshot_every=0).snapshots.rows == []


def test_the_distance_falls_as_images_become_like_the_training_images(data, tmp_path):
    rows = watched(data, tmp_path, [0.3, 0.3, 0.1, 0.1, 0.0, 0.0]).snapshots.rows
    distances = [row["frechet"] for row in rows]
    assert distances == sorted(distances, reverse=True) and distances[-1] < 0.1 * distances[0]


def test_the_best_weights_are_kept_not_the_last(data, tmp_path):
    taken = watched(data, tmp_path, [0.0, 0.0, 0.4, 0.4], keep="best").snapshots
    assert taken.best["images"] == 20
    network = torch.nn.Linear(1, 1)
    taken.weights(network)
    assert network.weight.item() == 0.0
    assert watched(data, tmp_path, [0.0, 0.4]).snapshots.best is None


def test_one_image_for_all_is_a_collapse(data, tmp_path):
    trainer, taker = (
        Trainer(data),
        SnapshotTaker(data, SnapshotSettings(snapshot_every=20, snapshot_images=40), tmp_path),
    )
    gray = lambda states, seed: np.full((len(states), 16, 16), 0.5, np.float32)  # noqa: E731
    differing, trainer.draw = trainer.draw, gray
    taker.take_if_due(trainer)  # one gray before it has learned anything is no collapse
    trainer.images, trainer.draw = 20, differing
    taker.take_if_due(trainer)
    trainer.images, trainer.draw = 40, gray
    with pytest.raises(TrainingError, match="40 images: collapse.*last good checkpoint is kept"):
        taker.take_if_due(trainer)


def test_images_that_are_not_numbers_stop_the_training(data, tmp_path):
    trainer = Trainer(data)
    trainer.draw = lambda states, seed: np.full((len(states), 16, 16), np.nan, np.float32)
    with pytest.raises(TrainingError, match="nan"):
        SnapshotTaker(data, SnapshotSettings(snapshot_every=20, snapshot_images=40), tmp_path).take_if_due(trainer)


def test_features_are_as_many_whatever_the_size():
    rng = np.random.default_rng(1)
    for size in (8, 16, 40, 64):
        assert features(rng.random((3, size, size), dtype=np.float32)).shape == (3, 40)


def test_strips_show_the_first_and_the_last_look(data, tmp_path):
    snapshots = pd.DataFrame(watched(data, tmp_path, [0.3] * 9).snapshots.rows)
    shown = strips(snapshots, tmp_path, most=3)
    assert list(shown) == ["0 images", "40 images", "90 images"]
    assert shown["0 images"].shape == (8, 16, 16)


def test_damaged_strips_are_written_again_as_they_were(data, tmp_path):
    snapshots = watched(data, tmp_path, [0.3] * 3).snapshots
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    first, *_, last = sorted(before)
    first.write_bytes(b"damaged")
    last.unlink()
    SnapshotTaker(data, SnapshotSettings(), tmp_path).write_again(snapshots)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"keep": "first"}, "keep = 'first'"),
        ({"keep": "best"}, "set snapshot_every above 0"),
        ({"snapshot_every": 10, "snapshot_images": 3}, "snapshot_images = 3"),
    ],
)
def test_wrong_settings_are_refused(wrong, message):
    with pytest.raises(ParameterError, match=message):
        SnapshotSettings(**wrong)
