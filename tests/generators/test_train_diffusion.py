"""A training keeps to its budget and, killed at any moment, ends as if it had not been."""

import multiprocessing
import os
import signal
import time

import pandas as pd
import pytest
import torch

from helpers.errors import TrainingError
from helpers.generators import train_diffusion
from helpers.generators.budget import Budget
from helpers.generators.diffusion import ChestDiffusionPipeline
from helpers.generators.diffusion_trainer import DiffusionSettings, DiffusionTrainer
from helpers.generators.precision import choose
from helpers.generators.snapshots import SnapshotSettings
from helpers.generators.training_data import TrainingData

SMALL = DiffusionSettings(channels=(16,), unshuffle=4, batch=4, warmup_images=0)
BUDGET = Budget(steps=24)


def trainer(settings=SMALL) -> DiffusionTrainer:
    random = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (12, 1, 16, 16), generator=random, dtype=torch.uint8)
    states = torch.randint(-1, 2, (12, 4), generator=random, dtype=torch.int8)
    return DiffusionTrainer(TrainingData(images, states), settings, choose("cpu", "float32"))


def fit(training, budget, folder, snapshots=None, **options):
    return train_diffusion.fit(training, budget, folder, snapshots or SnapshotSettings(), **options)


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    return fit(trainer(), BUDGET, tmp_path_factory.mktemp("unbroken"))


def same_log(ours, theirs) -> bool:
    return ours.drop(columns="seconds").equals(theirs.drop(columns="seconds"))


def train_slowly(folder):
    slow = trainer()
    step = slow.train_step
    slow.train_step = lambda: (time.sleep(0.05), step())[1]
    fit(slow, BUDGET, folder, save_seconds=0.0, log_steps=2)


def test_the_budget_is_kept(unbroken):
    assert unbroken.images_seen == 24 * 4
    assert unbroken.log["step"].tolist() == [10, 20, 24]
    assert unbroken.parameters == sum(p.numel() for p in trainer().denoiser.parameters())


def test_the_log_on_disk_is_the_log(unbroken):
    assert same_log(pd.read_csv(unbroken.pipeline.parent / "log.csv"), unbroken.log)


def test_a_killed_training_goes_on_and_ends_as_an_unbroken_one(unbroken, tmp_path):
    process = multiprocessing.get_context("fork").Process(target=train_slowly, args=(tmp_path,))
    process.start()
    deadline = time.monotonic() + 60
    while not (tmp_path / "checkpoint" / "checkpoint-000006.json").is_file() and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert not (tmp_path / "pipeline").exists()

    resumed = trainer()
    finished = fit(resumed, BUDGET, tmp_path, log_steps=2)
    assert ChestDiffusionPipeline.load(finished.pipeline).sha256 == (
        ChestDiffusionPipeline.load(unbroken.pipeline).sha256
    )
    assert finished.log["step"].tolist() == list(range(2, 26, 2))


def test_a_finished_training_is_not_done_again(unbroken, tmp_path, capsys):
    first = fit(trainer(), BUDGET, tmp_path)
    again = trainer()
    again.train_step = lambda: pytest.fail("nothing is left to train")
    assert same_log(fit(again, BUDGET, tmp_path).log, first.log)
    assert "has used up this budget" in capsys.readouterr().out


def test_a_longer_budget_goes_on(unbroken, tmp_path, capsys):
    fit(trainer(), Budget(steps=20), tmp_path)
    longer = fit(trainer(), BUDGET, tmp_path)
    assert "continues at 80 images" in capsys.readouterr().out
    assert same_log(longer.log, unbroken.log)


def test_other_settings_or_a_shorter_budget_start_anew(tmp_path, capsys):
    fit(trainer(), Budget(steps=4), tmp_path)
    other = fit(trainer(DiffusionSettings(channels=(16,), unshuffle=4, batch=2)), Budget(steps=3), tmp_path)
    assert other.images_seen == 6 and "starts again" in capsys.readouterr().out
    shorter = fit(trainer(DiffusionSettings(channels=(16,), unshuffle=4, batch=2)), Budget(steps=2), tmp_path)
    assert shorter.images_seen == 4 and "longer than this budget" in capsys.readouterr().out


def test_snapshots_are_written_outlive_a_stop_and_the_best_weights_are_kept(tmp_path):
    settings = SnapshotSettings(snapshot_every=16, snapshot_images=8, keep="best")
    fit(trainer(), Budget(steps=6), tmp_path, settings)
    finished = fit(trainer(), Budget(steps=10), tmp_path, settings)
    snapshots = pd.read_csv(tmp_path / "snapshots.csv")
    assert snapshots["images"].tolist() == [0, 16, 24, 32, 40]
    expected = trainer()
    for _ in range(int(snapshots["images"][snapshots["frechet"].idxmin()]) // 4):
        expected.train_step()
    kept = ChestDiffusionPipeline.load(finished.pipeline, choose("cpu", "float32")).denoiser
    for ours, theirs in zip(kept.parameters(), expected.average.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_a_failed_training_keeps_its_last_good_checkpoint(tmp_path):
    failing = trainer()
    step = failing.train_step

    def break_after_six():
        if failing.steps == 6:
            with torch.no_grad():
                failing.denoiser.unet.conv_in.bias[0] = float("nan")
        return step()

    failing.train_step = break_after_six
    with pytest.raises(TrainingError, match="step 7"):
        fit(failing, BUDGET, tmp_path, save_seconds=0.0, log_steps=2)
    good = trainer()
    fit(good, Budget(steps=7), tmp_path)
    assert good.steps == 7
    assert all(torch.isfinite(values).all() for values in good.denoiser.parameters())
