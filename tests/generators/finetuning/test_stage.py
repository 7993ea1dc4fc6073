"""A tuning ends in a pipeline that draws as a source of the study; killed, it goes on from its checkpoint."""

import json

import numpy as np
import pytest

from helpers.errors import CheckpointError, ParameterError
from helpers.files import sha256
from helpers.findings import ORIGINAL, Cell
from helpers.generators import sources
from helpers.generators.finetuning.stage import train_stage
from helpers.generators.finetuning.trainer import TuningTrainer
from helpers.generators.words.stage import trained_in


@pytest.fixture
def tune(data, arithmetic, pipeline_folder):
    """A function that tunes in a folder under these parameters, some of them changed."""

    def tune(folder, changes=(), **options):
        parameters = {
            "base": str(pipeline_folder), "budget": {"steps": 4}, "batch": 3, "warmup_images": 0,
            "learning_rate": 0.01, "lora_rank": 2, "warm_start": "none",
        }  # fmt: skip
        return train_stage(data, ORIGINAL, parameters | dict(changes), arithmetic, folder, **options)

    return tune


def drawn(folder):
    spec = {"source": "tuned", "kind": "text_to_image", "path": str(folder), "size": 12}
    return sources.load(spec, ORIGINAL).sample(ORIGINAL.condition(Cell("pleural_effusion", 1)), [5], steps=2)[0]


@pytest.mark.parametrize("rank", [0, 2])
def test_it_ends_in_a_pipeline_that_draws_otherwise_than_its_base(tune, pipeline_folder, tmp_path, rank):
    trained = tune(tmp_path, {"lora_rank": rank})
    assert trained.images_seen == 12 and trained.log["step"].tolist() == [4]
    described = json.loads((tmp_path / "training.json").read_text())
    assert described["base_sha256"] == sha256(pipeline_folder) and described["images"] == 12
    assert np.abs(drawn(trained.pipeline) - drawn(pipeline_folder)).max() > 1e-4
    names = [sorted(path.name for path in folder.rglob("*")) for folder in (trained.pipeline, pipeline_folder)]
    assert names[0] == names[1]  # a whole pipeline again, without adapters


def test_what_a_pipeline_draws_is_what_was_tuned(tune, trainer, tmp_path):
    trained = tune(tmp_path, {"budget": {"steps": 1}})
    tuned = trainer(lora_rank=2)
    tuned.train_step()
    tuned.tunable.save(tmp_path / "again")
    assert np.allclose(drawn(trained.pipeline), drawn(tmp_path / "again"), atol=1e-6)


def test_stopped_it_goes_on_and_ends_as_an_unbroken_one(tune, tmp_path, monkeypatch, capsys):
    whole, step = tune(tmp_path / "whole"), TuningTrainer.train_step
    with monkeypatch.context() as patch:
        patch.setattr(TuningTrainer, "train_step", lambda self: step(self) if self.steps < 2 else 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tune(tmp_path / "stopped", save_seconds=0.0, log_steps=1)
    assert not (tmp_path / "stopped" / "pipeline").exists()
    again = tune(tmp_path / "stopped")
    assert "Training continues at 6 images" in capsys.readouterr().out
    assert sha256(again.pipeline) == sha256(whole.pipeline)


def test_a_lora_of_another_rank_starts_anew(tune, pipeline_folder, tmp_path, capsys):
    tune(tmp_path, {"budget": {"steps": 1}})
    assert f"Training starts from {pipeline_folder.name}." in capsys.readouterr().out
    tune(tmp_path, {"budget": {"steps": 1}, "lora_rank": 3})
    assert "starts again" in capsys.readouterr().out


def test_a_tuned_model_is_no_warm_start_of_a_small_one(tune, tmp_path):
    tune(tmp_path, {"budget": {"steps": 1}})
    with pytest.raises(CheckpointError, match="was tuned from"):
        trained_in(tmp_path)


def test_a_wrong_setting_is_said_before_anything_is_trained(tune, tmp_path):
    with pytest.raises(ParameterError, match="tune"):
        tune(tmp_path, {"tune": ["vae"]})
    assert not list(tmp_path.iterdir())
