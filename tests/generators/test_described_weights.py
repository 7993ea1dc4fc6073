"""Weights on disk with what they are: whole, or an error that names the file and what to do."""

import json

import pytest
import torch

from helpers.errors import CheckpointError
from helpers.generators.described_weights import reading, write

TENSORS = {"scale": torch.tensor([1.0, 2.0]), "turned": torch.arange(6.0).reshape(2, 3).T}


def read(folder, of=lambda description, tensors: (description, tensors)):
    with reading(folder, "GAN", "02_train_gan") as (description, tensors):
        return of(description, tensors)


def test_what_was_written_comes_back(tmp_path):
    file = write(tmp_path, TENSORS, {"width": 4})
    description, tensors = read(tmp_path)
    assert file == tmp_path / "model.safetensors" and description["width"] == 4
    assert tensors.keys() == TENSORS.keys() and all(torch.equal(tensors[name], TENSORS[name]) for name in TENSORS)


@pytest.mark.parametrize("name", ["model.safetensors", "model.json"])
def test_a_missing_file_is_named_with_the_notebook_that_makes_it(tmp_path, name):
    write(tmp_path, TENSORS, {})
    (tmp_path / name).unlink()
    with pytest.raises(CheckpointError, match=rf"{name}: missing; run notebooks/02_train_gan\.ipynb first"):
        read(tmp_path)


def test_weights_of_another_training_are_not_taken_for_the_described_ones(tmp_path):
    write(tmp_path / "other", {"scale": torch.zeros(2)}, {})
    write(tmp_path, TENSORS, {})
    (tmp_path / "model.safetensors").write_bytes((tmp_path / "other" / "model.safetensors").read_bytes())
    with pytest.raises(CheckpointError, match="its SHA-256 is not the one"):
        read(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({"width": 4})])
def test_a_description_that_is_none_is_said(tmp_path, text):
    write(tmp_path, TENSORS, {})
    (tmp_path / "model.json").write_text(text)
    with pytest.raises(CheckpointError, match="no GAN of this software"):
        read(tmp_path)


def test_what_no_network_can_be_made_of_is_said(tmp_path):
    write(tmp_path, TENSORS, {})
    with pytest.raises(CheckpointError, match=r"no GAN of this software \('depth'\)"):
        read(tmp_path, lambda description, tensors: description["depth"])
