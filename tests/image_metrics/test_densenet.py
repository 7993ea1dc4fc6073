"""TorchXRayVision's DenseNet is read from its weights, in every form that they are stored in."""

import pickle

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from helpers.errors import CheckpointError
from helpers.image_metrics import densenet
from helpers.image_metrics.extractors import load_extractor

TINY = {"first": 8, "growth": 4, "layers": (1, 2, 1, 1)}


class Stored(densenet.DenseNet):
    """As TorchXRayVision stores it: with a classifier, and attributes that are no weights."""

    def __init__(self):
        super().__init__(**TINY)
        self.classifier, self.op_threshs = nn.Linear(14, 18), torch.ones(18)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(1)
    network = Stored()
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.uniform_(part.running_mean, -0.1, 0.1)
    return network.eval()


def test_densenet_121_has_as_many_weights_as_torchvisions():
    """7,978,856 with three input channels and a classifier of 1,000 classes, says torchvision."""
    weights = sum(part.numel() for part in densenet.DenseNet().parameters())
    assert weights + 2 * 64 * 49 + 1000 * 1025 == 7_978_856


def test_a_layer_keeps_what_came_before_it_and_a_block_ends_with_all_of_it(network):
    x = torch.randn(2, 8, 6, 6)
    grown = network.features.denseblock1(x)
    assert grown.shape == (2, 12, 6, 6)
    torch.testing.assert_close(grown[:, :8], x)
    assert network.features.transition1(grown).shape == (2, 6, 3, 3)


@pytest.mark.parametrize("form", ["network", "old network", "state", "safetensors"])
def test_weights_of_every_form_give_the_same_features_of_gray_levels_up_to_1024(network, tmp_path, form):
    path = tmp_path / ("chest.safetensors" if form == "safetensors" else "chest.pt")
    if form == "safetensors":
        save_file(network.state_dict(), path)
    else:
        stored = network.state_dict() if form == "state" else network
        torch.save(stored, path, _use_new_zipfile_serialization=form != "old network")
    extractor = load_extractor(f"torchxrayvision:{path}")
    assert (extractor.name, extractor.size) == ("chest", 224)
    images = np.random.default_rng(1).random((2, 224, 224), dtype=np.float32)
    expected = network(torch.from_numpy((2 * images - 1) * 1024)[:, None]).detach().numpy()
    np.testing.assert_allclose(extractor.features(images), expected, rtol=1e-4, atol=1e-4)


class Harmful:
    def __reduce__(self):
        return (eval, ("pytest.fail('code within a file of weights was run')",))


def test_code_within_a_file_of_weights_does_not_run(tmp_path):
    torch.save({"features.conv0.weight": Harmful()}, tmp_path / "harmful.pt")
    with pytest.raises(CheckpointError, match="harmful.pt: holds no DenseNet"):
        densenet.load(str(tmp_path / "harmful.pt"))


def test_what_is_no_densenet_is_an_error_with_its_name(tmp_path, monkeypatch):
    torch.save(nn.Linear(2, 2).state_dict(), tmp_path / "linear.pt")
    (tmp_path / "broken.pt").write_bytes(pickle.dumps("text"))
    for name in ("linear.pt", "broken.pt"):
        with pytest.raises(CheckpointError, match=f"{name}: holds no DenseNet"):
            densenet.load(str(tmp_path / name))


def test_a_hub_id_that_cannot_be_fetched_says_what_to_give(monkeypatch):
    def refuse(*arguments):
        raise OSError("no internet")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", refuse)
    with pytest.raises(CheckpointError, match="densenet121-res224-all' is no file.*no internet.*torchxrayvision:PATH"):
        load_extractor("torchxrayvision")
