import json
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest
import torch

from helpers.errors import ParameterError, TrainingError
from helpers.findings import CELLS, NAMES, condition
from helpers.generators import checkpoints, gan_training, precision
from helpers.generators.budget import Budget
from helpers.generators.gan import Gan
from helpers.generators.gan_trainer import GanSettings, GanTrainer
from helpers.generators.gan_training import train, watch
from helpers.generators.looks import LookSettings
from helpers.generators.stylegan2 import Architecture
from helpers.generators.training_data import TrainingData

SHAPE = Architecture(size=8, width=4, widest=8, latent=8)


def trainer(**settings):
    random = torch.Generator().manual_seed(5)
    images = torch.randint(0, 256, (24, 1, 8, 8), generator=random, dtype=torch.uint8)
    data = TrainingData(images, torch.randint(-1, 2, (24, 4), generator=random, dtype=torch.int8))
    return GanTrainer(data, SHAPE, GanSettings(**{"batch": 4} | settings), precision.choose("cpu", "float32"))


def run(folder, steps, **options):
    """Train in a folder under a budget of steps; saves as often as it logs, every second step."""
    settings = {key: options.pop(key) for key in list(options) if key in GanSettings.__dataclass_fields__}
    it = trainer(**settings)
    options = {"save_seconds": 0.0, "log_steps": 2} | options
    log = train(it, Budget(steps=steps), folder / "checkpoint", folder / "log.csv", **options)
    return it, log


def weights(it):
    return torch.cat([weight.detach().flatten() for weight in it.average.parameters()])


def without_times(log):
    return log.drop(columns="seconds")


def test_training_keeps_to_its_budget_and_logs_every_interval(tmp_path):
    it, log = run(tmp_path, steps=5)
    assert (it.step, it.images) == (5, 20)
    assert log["step"].tolist() == [2, 4, 5]
    assert log["images"].tolist() == [8, 16, 20]
    stored = pd.read_csv(tmp_path / "log.csv")
    assert stored["step"].tolist() == [2, 4, 5]
    assert stored[["discriminator_loss", "generator_loss", "spread"]].notna().all(axis=None)


def test_longer_budget_goes_on_from_the_checkpoint_and_equals_an_unbroken_training(tmp_path, capsys):
    unbroken, expected = run(tmp_path / "a", steps=8)
    run(tmp_path / "b", steps=4)
    resumed, log = run(tmp_path / "b", steps=8)
    assert "goes on at 16 images" in capsys.readouterr().out
    assert torch.equal(weights(resumed), weights(unbroken))
    pd.testing.assert_frame_equal(without_times(log), without_times(expected))


def test_log_is_rewound_to_the_checkpoint(tmp_path, monkeypatch):
    _, expected = run(tmp_path / "a", steps=8)
    saves, save = [], checkpoints.save

    def save_once(*arguments):
        if not saves:
            saves.append(save(*arguments))

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "save", save_once)
        run(tmp_path / "b", steps=6)
    assert len(pd.read_csv(tmp_path / "b" / "log.csv")) == 3
    _, log = run(tmp_path / "b", steps=8)
    pd.testing.assert_frame_equal(without_times(log), without_times(expected))


def test_spent_budget_is_not_trained_again(tmp_path, capsys):
    first, _ = run(tmp_path, steps=4)
    again, log = run(tmp_path, steps=4)
    assert "has spent this budget" in capsys.readouterr().out
    assert torch.equal(weights(first), weights(again))
    assert log["step"].tolist() == [2, 4]


def test_shorter_budget_starts_anew_and_says_so(tmp_path, capsys):
    run(tmp_path, steps=6)
    it, log = run(tmp_path, steps=4)
    assert "trained longer than this budget: training starts anew" in capsys.readouterr().out
    assert it.step == 4
    assert torch.equal(weights(it), weights(run(tmp_path / "fresh", steps=4)[0]))


@pytest.mark.parametrize("change", [{"learning_rate": 0.001}, {"seed": 2}, {"augmentation": "ada"}])
def test_checkpoint_of_other_settings_is_not_mixed_in(tmp_path, capsys, change):
    run(tmp_path, steps=4)
    it, log = run(tmp_path, steps=6, **change)
    assert "other settings" in capsys.readouterr().out
    assert log["step"].tolist() == [2, 4, 6]
    assert torch.equal(weights(it), weights(run(tmp_path / "fresh", steps=6, **change)[0]))


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, {here!r})
from test_gan_training import run
run(Path({folder!r}), steps=100000, log_steps=2)
"""


def test_killed_training_goes_on_and_ends_as_if_not_killed(tmp_path):
    code = KILLED.format(here=os.path.dirname(__file__), folder=str(tmp_path / "killed"))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    folder = tmp_path / "killed" / "checkpoint"
    while process.poll() is None and len(list(folder.glob("checkpoint-*.json"))) < 2:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    steps = checkpoints.load(folder)[1]["step"] + 4
    resumed, log = run(tmp_path / "killed", steps=steps)
    unbroken, expected = run(tmp_path / "unbroken", steps=steps)
    assert torch.equal(weights(resumed), weights(unbroken))
    pd.testing.assert_frame_equal(without_times(log), without_times(expected))


def test_a_weight_that_is_not_a_number_stops_training_and_keeps_the_last_good_checkpoint(tmp_path):
    run(tmp_path, steps=4)
    poisoned, calls = trainer(), []
    step = poisoned.train_step

    def poison():
        measured = step()
        calls.append(1)
        if len(calls) == 3:
            with torch.no_grad():
                poisoned.generator.constant.fill_(float("nan"))
        return measured

    poisoned.train_step = poison
    with pytest.raises(TrainingError, match=r"not a number.*checkpoint.*learning_rate"):
        train(poisoned, Budget(steps=20), tmp_path / "checkpoint", tmp_path / "log.csv", 0.0, log_steps=2)
    state, description = checkpoints.load(tmp_path / "checkpoint")
    assert description["step"] == 6
    assert all(weight.isfinite().all() for weight in state["generator"].values())


GOOD = {"step": 9, "discriminator_loss": 1.0, "generator_loss": 1.0, "spread": 0.3}


def test_a_good_interval_passes(tmp_path):
    watch(GOOD, True, tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"generator_loss": float("nan")}, "not a number"),
        ({"discriminator_loss": float("inf")}, "not a number"),
        ({"spread": 0.0}, "all synthetic images are the same"),
        ({"generator_loss": 80.0}, "the discriminator tells every synthetic image"),
    ],
)
def test_failed_training_is_told_apart_and_advised_on(tmp_path, change, message):
    with pytest.raises(TrainingError, match=f"step 9: .*{message}.*{tmp_path.name}"):
        watch(GOOD | change, True, tmp_path)


def fit(folder, models, steps=2):
    it = trainer()
    return gan_training.fit(
        it.data, models, SHAPE, it.settings, Budget(steps=steps), it.precision, folder, save_seconds=0.0
    )


def test_fit_leaves_a_gan_that_can_be_sampled_its_log_and_its_speed(tmp_path):
    log = fit(tmp_path, "joint")
    loaded = Gan.load(tmp_path)
    assert loaded.sample(condition(CELLS[0]), [1]).shape == (1, 8, 8)
    assert loaded.description["images_seen"] == 8
    assert pd.read_csv(tmp_path / "log.csv")["model"].unique().tolist() == log["model"].unique().tolist() == ["joint"]
    speed = json.loads((tmp_path / "training.json").read_text())
    assert speed["images"] == 8
    assert speed["images_per_second"] > 0


@pytest.mark.parametrize("keep", ["last", "best"])
def test_looks_are_written_and_the_best_weights_kept_where_asked(tmp_path, keep):
    it, look = trainer(), LookSettings(every=4, images=8, keep=keep)
    gan_training.fit(it.data, "joint", SHAPE, it.settings, Budget(steps=3), it.precision, tmp_path, look=look)
    looks = pd.read_csv(tmp_path / "looks.csv")
    assert looks["images"].tolist() == [0, 4, 8, 12]
    assert len(list((tmp_path / "looks" / "joint").glob("*.png"))) == 4
    best = int(looks["images"][looks["frechet"].idxmin()])
    kept = best if keep == "best" else 12
    assert Gan.load(tmp_path).description["kept"] == {"joint": kept}
    expected = trainer()
    for _ in range(kept // 4):
        expected.train_step()
    loaded = Gan.load(tmp_path).networks["joint"]
    assert torch.equal(torch.cat([weight.flatten() for weight in loaded.parameters()]), weights(expected))


def test_one_model_per_finding_is_trained_on_its_own_labels(tmp_path):
    log = fit(tmp_path, "per_finding")
    assert log["model"].unique().tolist() == list(NAMES)
    loaded = Gan.load(tmp_path)
    assert loaded.description["images_seen"] == 8 * len(NAMES)
    assert all(loaded.sample(condition(cell), [1]).shape == (1, 8, 8) for cell in CELLS)


def test_same_seed_fits_the_same_model(tmp_path):
    fit(tmp_path / "a", "joint")
    fit(tmp_path / "b", "joint")
    assert Gan.load(tmp_path / "a").checkpoint == Gan.load(tmp_path / "b").checkpoint


def test_unknown_choice_of_models_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="models = 'each'"):
        fit(tmp_path, "each")
