import json
from dataclasses import asdict

import pandas as pd
import pytest
import torch
from small_gan import SHAPE, trainer, weights

from helpers.errors import ParameterError
from helpers.findings import ORIGINAL
from helpers.generators import train_gan
from helpers.generators.gan import Gan

NAMES, CELLS = ORIGINAL.names, ORIGINAL.cells
condition = ORIGINAL.condition


def fit(folder, models, steps=2, **snapshots):
    it = trainer()
    given = asdict(SHAPE) | asdict(it.settings) | {"models": models, "budget": {"steps": steps}, "warm_start": "none"}
    return train_gan.train_stage(it.data, given | snapshots, it.precision, folder, save_seconds=0.0)


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
def test_snapshots_are_written_and_the_best_weights_kept_where_asked(tmp_path, keep):
    fit(tmp_path, "joint", steps=3, snapshot_every=4, snapshot_images=8, keep=keep)
    snapshots = pd.read_csv(tmp_path / "snapshots.csv")
    assert snapshots["images"].tolist() == [0, 4, 8, 12]
    assert len(list((tmp_path / "snapshots" / "joint").glob("*.png"))) == 4
    best = int(snapshots["images"][snapshots["frechet"].idxmin()])
    kept = best if keep == "best" else 12
    assert Gan.load(tmp_path).description["kept"] == {"joint": kept}
    expected = trainer()
    for _ in range(kept // 4):
        expected.train_step()
    loaded = Gan.load(tmp_path).networks["joint"]
    assert torch.equal(weights(loaded), weights(expected.average))


def test_one_model_per_finding_is_trained_on_its_own_labels(tmp_path):
    log = fit(tmp_path, "per_finding")
    assert log["model"].unique().tolist() == list(NAMES)
    loaded = Gan.load(tmp_path)
    assert loaded.description["images_seen"] == 8 * len(NAMES)
    assert all(loaded.sample(condition(cell), [1]).shape == (1, 8, 8) for cell in CELLS)


def test_same_seed_fits_the_same_model(tmp_path):
    fit(tmp_path / "a", "joint")
    fit(tmp_path / "b", "joint")
    assert Gan.load(tmp_path / "a").sha256 == Gan.load(tmp_path / "b").sha256


def test_unknown_choice_of_models_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="models = 'each'"):
        fit(tmp_path, "each")
