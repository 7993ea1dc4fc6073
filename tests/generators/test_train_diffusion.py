"""Notebook 03 trains a small model of its own, or tunes one from elsewhere."""

import pytest

from helpers.generators import train_diffusion
from helpers.generators.finetuning import stage as finetuning
from helpers.generators.words import stage as words


@pytest.mark.parametrize(("base", "chosen"), [(None, words), ("data/models/sd", finetuning)])
def test_a_base_is_tuned_and_without_one_a_small_model_is_trained(base, chosen, monkeypatch):
    monkeypatch.setattr(train_diffusion.enlarger, "load", lambda folder: f"decoder of {folder}")
    for module in (words, finetuning):
        monkeypatch.setattr(module, "train_stage", lambda *given, module=module, **more: (module, given, more))
    module, given, more = train_diffusion.train_stage(
        "data", "findings", "02", {"base": base}, "precision", "folder", log_steps=2
    )
    assert module is chosen and given[:2] == ("data", "findings") and more == {"log_steps": 2}
    assert ("decoder of 02" in given) is (base is None)
