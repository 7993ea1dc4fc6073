import json

import pandas as pd
import pytest
import torch

from helpers.errors import ParameterError
from helpers.generators import precision
from helpers.generators.enlarging import enlarger
from helpers.generators.enlarging.stage import train_stage

PARAMETERS = {
    "seed": 1, "warm_start": "none", "budget": {"images": 16}, "fold": 2, "width": 8, "blocks": 1, "crop": 16,
    "batch": 4, "adversarial_from": 8,
}  # fmt: skip


@pytest.fixture
def arithmetic():
    return precision.choose("cpu", "float32")


def test_an_enlarger_is_trained_and_written_with_all_that_export_needs(data, arithmetic, tmp_path):
    log = train_stage(data, 8, PARAMETERS, arithmetic, tmp_path)
    assert log["images"].iloc[-1] == 16
    assert enlarger.load(tmp_path).shape == enlarger.EnlargerShape(size=8, factor=4, fold=2, width=8, blocks=1)
    assert json.loads((tmp_path / "training.json").read_text())["images_seen"] == 16
    assert (tmp_path / "critic.safetensors").is_file()
    assert len(pd.read_csv(tmp_path / "log.csv")) == len(log)


def test_stopped_and_called_again_it_ends_as_if_it_had_not_been(data, arithmetic, tmp_path):
    def weights(folder):
        return torch.cat([values.flatten() for values in enlarger.load(folder).state_dict().values()])

    train_stage(data, 8, PARAMETERS, arithmetic, tmp_path / "whole")
    train_stage(data, 8, PARAMETERS, arithmetic, tmp_path / "again")
    train_stage(data, 8, PARAMETERS, arithmetic, tmp_path / "again")
    assert torch.equal(weights(tmp_path / "whole"), weights(tmp_path / "again"))


def test_images_of_the_studys_own_size_get_a_decoder_and_no_critic(data, arithmetic, tmp_path):
    log = train_stage(data, 32, PARAMETERS, arithmetic, tmp_path)
    assert log["critic_loss"].isna().all() and log["difference"].notna().all()
    assert enlarger.load(tmp_path).shape.factor == 1


def test_a_size_that_cannot_be_folded_is_an_error(data, arithmetic, tmp_path):
    with pytest.raises(ParameterError, match="drawn_size = 8: must be a multiple of fold = 16"):
        train_stage(data, 8, PARAMETERS | {"fold": 16, "width": 64}, arithmetic, tmp_path)
