"""The loop keeps to its budget and, killed at any moment, ends as if it had not been. Shown with a small GAN."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import torch
from small_gan import trainer, weights

from helpers.errors import TrainingError
from helpers.generators import checkpoints
from helpers.generators.budget import Budget
from helpers.generators.gan_trainer import GanSettings
from helpers.generators.snapshots import SnapshotSettings, SnapshotTaker
from helpers.generators.training_loop import train

HERE = Path(__file__).parent


def run(folder, steps, **options):
    """Train in a folder under a budget of steps; saves as often as it logs, every second step."""
    settings = {key: options.pop(key) for key in list(options) if key in GanSettings.__dataclass_fields__}
    it = options.pop("it", None) or trainer(**settings)
    taker = SnapshotTaker(it.data, options.pop("snapshots", SnapshotSettings()), folder / "snapshots")
    options = {"save_seconds": 0.0, "log_steps": 2} | options
    log = train(it, Budget(steps=steps), folder / "checkpoint", folder / "log.csv", taker, "GAN", **options)
    return it, log


def without_times(log):
    return log.drop(columns="seconds")


def test_training_keeps_to_its_budget_and_logs_every_interval(tmp_path):
    it, log = run(tmp_path, steps=5)
    assert (it.steps, it.images) == (5, 20)
    assert log["step"].tolist() == [2, 4, 5]
    assert log["images"].tolist() == [8, 16, 20]
    stored = pd.read_csv(tmp_path / "log.csv")
    assert stored["step"].tolist() == [2, 4, 5]
    assert stored[["discriminator_loss", "generator_loss", "spread"]].notna().all(axis=None)


def test_the_trainer_is_told_before_each_step_how_much_of_the_budget_is_spent(tmp_path, monkeypatch):
    it, told = trainer(), []
    step = it.train_step
    monkeypatch.setattr(it, "train_step", lambda: told.append(it.spent) or step())
    run(tmp_path, steps=4, it=it)
    assert told == [0.0, 0.25, 0.5, 0.75]


def test_longer_budget_goes_on_from_the_checkpoint_and_equals_an_unbroken_training(tmp_path, capsys):
    unbroken, expected = run(tmp_path / "a", steps=8)
    run(tmp_path / "b", steps=4)
    resumed, log = run(tmp_path / "b", steps=8)
    assert "continues at 16 images" in capsys.readouterr().out
    assert torch.equal(weights(resumed.average), weights(unbroken.average))
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
    assert "has used up this budget" in capsys.readouterr().out
    assert torch.equal(weights(first.average), weights(again.average))
    assert log["step"].tolist() == [2, 4]


def test_damaged_pictures_of_a_finished_training_are_written_again(tmp_path):
    often = SnapshotSettings(snapshot_every=8, snapshot_images=8)
    run(tmp_path, steps=4, snapshots=often)
    before = {path: path.read_bytes() for path in (tmp_path / "snapshots").iterdir()}
    assert len(before) == 3
    for path in before:
        path.write_bytes(b"damaged")
    run(tmp_path, steps=4, snapshots=often)
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("suffix", [".pt", ".json"])
def test_where_every_checkpoint_is_damaged_the_same_is_trained_again(tmp_path, suffix):
    trained, expected = run(tmp_path, steps=4)
    for path in (tmp_path / "checkpoint").glob(f"*{suffix}"):
        path.write_bytes(b"damaged")
    with pytest.warns(UserWarning, match="passed over"):
        again, log = run(tmp_path, steps=4)
    assert torch.equal(weights(again.average), weights(trained.average))
    pd.testing.assert_frame_equal(without_times(log), without_times(expected))


def test_shorter_budget_starts_anew_and_says_so(tmp_path, capsys):
    run(tmp_path, steps=6)
    it, log = run(tmp_path, steps=4)
    assert "trained longer than this budget: training starts again" in capsys.readouterr().out
    assert it.steps == 4
    assert torch.equal(weights(it.average), weights(run(tmp_path / "fresh", steps=4)[0].average))


@pytest.mark.parametrize("change", [{"learning_rate": 0.001}, {"seed": 2}, {"augmentation": "ada"}])
def test_checkpoint_of_other_settings_is_not_mixed_in(tmp_path, capsys, change):
    run(tmp_path, steps=4)
    it, log = run(tmp_path, steps=6, **change)
    assert "other settings" in capsys.readouterr().out
    assert log["step"].tolist() == [2, 4, 6]
    assert torch.equal(weights(it.average), weights(run(tmp_path / "fresh", steps=6, **change)[0].average))


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("generators/gan_losses.py", "training starts again"),
        ("generators/training_data.py", "training starts again"),
        ("image_metrics/fidelity.py", "training starts again"),  # snapshots choose the best weights with it
        ("generators/words/trainer.py", "has used up this budget"),
    ],
)
def test_a_finished_training_is_done_again_where_code_behind_it_was_edited(tmp_path, capsys, edit, file, said):
    run(tmp_path, steps=2)
    edit(file)
    run(tmp_path, steps=2)
    assert said in capsys.readouterr().out


KILLED = """
import sys
from pathlib import Path
sys.path[:0] = [{here!r}, {tests!r}]
from test_training_loop import run
run(Path({folder!r}), steps=100000, log_steps=2)
"""


def test_killed_training_goes_on_and_ends_as_if_not_killed(tmp_path):
    code = KILLED.format(here=str(HERE), tests=str(HERE.parent), folder=str(tmp_path / "killed"))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    folder = tmp_path / "killed" / "checkpoint"
    while process.poll() is None and len(list(folder.glob("checkpoint-*.json"))) < 2:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    steps = checkpoints.load(folder)[1]["step"] + 4
    resumed, log = run(tmp_path / "killed", steps=steps)
    unbroken, expected = run(tmp_path / "unbroken", steps=steps)
    assert torch.equal(weights(resumed.average), weights(unbroken.average))
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
    with pytest.raises(TrainingError, match=r"not a number.*learning_rate.*checkpoint"):
        run(tmp_path, steps=20, it=poisoned)
    state, description = checkpoints.load(tmp_path / "checkpoint")
    assert description["step"] == 6
    assert all(weight.isfinite().all() for weight in state["generator"].values())
