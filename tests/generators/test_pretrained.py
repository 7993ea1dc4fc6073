import re

import pytest
import torch
from safetensors.torch import save_file

from helpers.errors import CheckpointError, ParameterError
from helpers.findings import ORIGINAL
from helpers.generators import pretrained
from helpers.generators.pretrained import Pretrained, cpu_state, find, write
from helpers.runs import PROJECT

SHAPE = {"size": 8, "channels": [16, 32]}


@pytest.fixture
def network():
    torch.manual_seed(3)
    return torch.nn.Linear(4, 2)


@pytest.fixture
def file(tmp_path, network):
    write(tmp_path / "weights.safetensors", {"generator": cpu_state(network)}, SHAPE, images_seen=640)
    return tmp_path / "weights.safetensors"


def test_what_is_written_is_read_again_to_half_precision(file, network):
    start, other = Pretrained.read(file), torch.nn.Linear(4, 2)
    shape = {"findings": list(ORIGINAL.names)} | SHAPE  # weights that name no findings know the original study's
    assert (start.shape, start.images_seen, len(start.sha256)) == (shape, 640, 64)
    start.fill(generator=other)
    assert other.weight.dtype == torch.float32
    assert torch.allclose(other.weight, network.weight, atol=1e-3)


def test_same_weights_give_the_same_file(file, network, tmp_path):
    write(tmp_path / "again.safetensors", {"generator": cpu_state(network)}, SHAPE, images_seen=640)
    assert (tmp_path / "again.safetensors").read_bytes() == file.read_bytes()


def test_what_a_tokenizer_is_made_of_travels_with_the_weights(file, network, tmp_path):
    words = {"vocabulary": {"a": 0, "b</w>": 1}, "merges": [["a", "b</w>"]]}
    write(tmp_path / "words.safetensors", {"unet": cpu_state(network)}, SHAPE, images_seen=8, words=words)
    assert Pretrained.read(tmp_path / "words.safetensors").words == words
    assert Pretrained.read(file).words is None


def test_another_shape_is_refused_naming_what_differs(file):
    start = Pretrained.read(file)
    start.check(SHAPE)
    with pytest.raises(ParameterError, match=re.escape("size is 8 in the file and 16 here")):
        start.check(SHAPE | {"size": 16})
    with pytest.raises(ParameterError, match=r"findings is \['atelectasis', .* in the file and \['edema'\] here"):
        start.check(SHAPE | {"findings": ("edema",)})


def test_weights_that_do_not_fit_are_refused(file):
    start = Pretrained.read(file)
    for networks in ({"generator": torch.nn.Linear(5, 2)}, {"unet": torch.nn.Linear(4, 2)}):
        with pytest.raises(CheckpointError, match="weights.safetensors"):
            start.fill(**networks)


def test_missing_damaged_and_foreign_files_are_refused_by_name(file, tmp_path):
    damaged, foreign = tmp_path / "damaged.safetensors", tmp_path / "foreign.safetensors"
    damaged.write_bytes(file.read_bytes()[:-3])
    save_file({"weight": torch.zeros(2)}, foreign)
    for path in (tmp_path / "nowhere.safetensors", damaged, foreign):
        with pytest.raises(CheckpointError, match=path.name):
            Pretrained.read(path)


def test_warm_start_none_asks_for_random_weights():
    assert find(pretrained.NONE) is None


@pytest.mark.parametrize(("name", "images"), [("gan", 100_000), ("diffusion", 80_000), ("enlarger", 20_000)])
def test_shipped_weights_are_whole_and_small(name, images):
    path = PROJECT / "data" / "pretrained" / f"{name}.safetensors"
    start = find(f"data/pretrained/{name}.safetensors")
    assert start.images_seen > images
    assert sum(file.stat().st_size for file in path.parent.glob("*.safetensors")) <= 30_000_000
    assert start.sha256 in (path.parent / "README.md").read_text(encoding="utf-8")
    assert all(values.isfinite().all() for weights in start.networks.values() for values in weights.values())
