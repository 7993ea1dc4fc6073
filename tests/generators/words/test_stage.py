"""A training ends in a pipeline that diffusers alone loads; killed at any moment, it ends as if it had not been."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import torch

from helpers.errors import CheckpointError, TrainingError
from helpers.files import sha256
from helpers.findings import ORIGINAL, Cell, Findings
from helpers.generators import sources
from helpers.generators.words import stage
from helpers.generators.words.stage import train_stage, trained_in
from helpers.generators.words.trainer import WordsTrainer

PARAMETERS = {
    "seed": 1, "warm_start": "none", "budget": {"steps": 8}, "channels": [32, 32], "blocks_per_level": 1,
    "text_width": 32, "text_layers": 2, "batch": 4, "warmup_images": 0, "learning_rate": 0.01,
}  # fmt: skip


@pytest.fixture
def fit(data, decoder, arithmetic):
    """A function that trains in a folder under these parameters, some of them changed."""

    def fit(folder, changes=(), **options):
        return train_stage(data, ORIGINAL, decoder, PARAMETERS | dict(changes), arithmetic, folder, **options)

    return fit


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    """Where a training that nobody stopped has left its files; filled by the first test that needs it."""
    return tmp_path_factory.mktemp("unbroken")


@pytest.fixture
def finished(unbroken, fit):
    return fit(unbroken)


def same_log(ours, theirs) -> bool:
    return ours.drop(columns="seconds").equals(theirs.drop(columns="seconds"))


def test_the_budget_is_kept_and_all_is_written(finished):
    folder = finished.pipeline.parent
    assert finished.images_seen == 8 * 4 and finished.log["step"].tolist() == [8]
    assert same_log(pd.read_csv(folder / "log.csv"), finished.log)
    described = json.loads((folder / "training.json").read_text())
    assert described["images_seen"] == 32 and described["shape"]["channels"] == [32, 32]
    networks, _, _ = trained_in(folder)
    assert finished.parameters == sum(v.numel() for part in networks.values() for v in part.values())


def test_a_killed_training_goes_on_and_ends_as_an_unbroken_one(finished, fit, tmp_path):
    def train_slowly():
        step = WordsTrainer.train_step
        WordsTrainer.train_step = lambda self: (time.sleep(0.2), step(self))[1]
        fit(tmp_path, save_seconds=0.0, log_steps=2)

    process = multiprocessing.get_context("fork").Process(target=train_slowly)
    process.start()
    deadline = time.monotonic() + 300
    while not (tmp_path / "checkpoint" / "checkpoint-000002.json").is_file() and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert not (tmp_path / "pipeline").exists()
    again = fit(tmp_path, log_steps=2)
    assert sha256(again.pipeline) == sha256(finished.pipeline)
    assert again.log["step"].tolist() == [2, 4, 6, 8]


def test_a_finished_training_is_not_done_again(finished, fit, capsys, monkeypatch):
    monkeypatch.setattr(WordsTrainer, "train_step", lambda self: pytest.fail("nothing is left to train"))
    assert same_log(fit(finished.pipeline.parent).log, finished.log)
    assert "has used up this budget" in capsys.readouterr().out


def test_a_longer_budget_goes_on_and_other_words_for_a_finding_start_anew(data, decoder, arithmetic, tmp_path, capsys):
    def fit(findings, steps):
        given = PARAMETERS | {"budget": {"steps": steps}}
        return train_stage(data, findings, decoder, given, arithmetic, tmp_path)

    fit(ORIGINAL, 2)
    fit(ORIGINAL, 3)
    assert "continues at 8 images" in capsys.readouterr().out
    section = ORIGINAL.as_section()
    section[0]["words"] = "collapse of the lung"
    other = fit(Findings.from_section(section), 3)
    assert "starts again" in capsys.readouterr().out and other.images_seen == 12


def test_snapshots_are_written_and_the_best_weights_are_kept(fit, trainer, tmp_path, monkeypatch):
    monkeypatch.setattr(WordsTrainer, "draw", drawn_by_number)
    looks = {"snapshot_every": 8, "snapshot_images": 8, "keep": "best", "budget": {"steps": 4}}
    fit(tmp_path, looks)
    snapshots = pd.read_csv(tmp_path / "snapshots.csv")
    assert snapshots["images"].tolist() == [0, 8, 16]
    expected = trainer(learning_rate=0.01)
    for _ in range(int(snapshots["images"][snapshots["frechet"].idxmin()]) // 4):
        expected.train_step()
    networks, _, _ = trained_in(tmp_path)
    for name in ("unet", "text_encoder"):
        for key, values in expected.average[name].state_dict().items():
            assert torch.equal(networks[name][key], values), key


def drawn_by_number(self, states, seed):
    """Noise that is least after two steps: the best snapshot is neither the first nor the last."""
    real, _ = self.data.batch(torch.arange(len(states)) % len(self.data))
    noise = np.random.default_rng(seed).random((len(states), self.data.size, self.data.size))
    share = 0.1 if self.steps == 2 else 0.9
    return np.float32((1 - share) * (real[:, 0].numpy() / 2 + 0.5) + share * noise)


def test_a_failed_training_keeps_its_last_good_checkpoint(fit, tmp_path, monkeypatch):
    step = WordsTrainer.train_step

    def break_after_four(self):
        if self.steps == 4:
            with torch.no_grad():
                self.networks["unet"].conv_in.bias[0] = float("nan")
        return step(self)

    with monkeypatch.context() as patch:
        patch.setattr(WordsTrainer, "train_step", break_after_four)
        with pytest.raises(TrainingError, match="step 5"):
            fit(tmp_path, save_seconds=0.0, log_steps=2)
    assert not (tmp_path / "pipeline").exists()
    good = fit(tmp_path, {"budget": {"steps": 5}})
    assert good.images_seen == 20
    assert all(values.isfinite().all() for part in trained_in(tmp_path)[0].values() for values in part.values())


def test_a_training_that_is_not_finished_exports_nothing(tmp_path):
    with pytest.raises(CheckpointError, match="no finished training .*run 03_train_diffusion first"):
        trained_in(tmp_path)


def test_a_description_without_a_shape_exports_nothing(tmp_path):
    (tmp_path / stage.DESCRIPTION).write_text("{}", encoding="utf-8")
    with pytest.raises(CheckpointError, match="has no shape"):
        trained_in(tmp_path)


def test_the_pipeline_decodes_with_the_enlarger_of_the_run(finished, decoder):
    found = stage.read(finished.pipeline).vae.state_dict()
    assert all(torch.equal(values, found[name]) for name, values in decoder.autoencoder.state_dict().items())


# What a person does who has diffusers and the folder, and nothing of this project.
STOCK = """
import sys
sys.modules["helpers"] = None  # whoever imports it is told that there is none
import numpy, torch
from diffusers import StableDiffusionXLPipeline
pipeline = StableDiffusionXLPipeline.from_pretrained(sys.argv[1])
def draw(**changes):
    asked = {"prompt": "pleural effusion", "guidance_scale": 3.0, "num_inference_steps": 3} | changes
    seed = torch.Generator().manual_seed(asked.pop("seed", 5))
    return pipeline(generator=seed, output_type="np", **asked).images[0]
numpy.savez(
    sys.argv[2], plain=draw(), again=draw(), steps=draw(num_inference_steps=5), guidance=draw(guidance_scale=7.0),
    prompt=draw(prompt="no atelectasis"), negative=draw(negative_prompt="opacity"), seed=draw(seed=6),
)
"""


def test_diffusers_alone_draws_the_images_of_the_study_from_its_folder(finished, tmp_path):
    spec = {"source": "words", "kind": "text_to_image", "path": str(finished.pipeline), "size": 16}
    effusion = ORIGINAL.condition(Cell("pleural_effusion", 1))
    generator = sources.load(spec, ORIGINAL)
    assert generator.prompt(effusion) == "pleural effusion"
    ours = generator.sample(effusion, [5], guidance=3.0, steps=3)[0]
    command = [sys.executable, "-c", STOCK, str(finished.pipeline), str(tmp_path / "drawn.npz")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    drawn = {name: image[..., 0] for name, image in np.load(tmp_path / "drawn.npz").items()}
    assert np.abs(drawn["plain"] - ours).max() < 1 / 255
    assert np.array_equal(drawn["again"], drawn["plain"]) and drawn["plain"].shape == (16, 16)
    for name in ("steps", "guidance", "prompt", "negative", "seed"):
        assert not np.array_equal(drawn[name], drawn["plain"]), name
