import numpy as np
import pytest
import torch

from helpers.losses import known_cross_entropy


def test_unknown_labels_weigh_nothing():
    logits = torch.tensor([[2.0, -1.0], [0.5, 3.0]], requires_grad=True)
    loss = known_cross_entropy(logits, torch.tensor([[1, -1], [-1, 0]], dtype=torch.int8))
    expected = (np.log1p(np.exp(-2.0)) + np.log1p(np.exp(3.0))) / 2
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    loss.backward()
    assert logits.grad[0, 1] == logits.grad[1, 0] == 0


def test_no_known_label_gives_no_loss_and_not_nan():
    assert known_cross_entropy(torch.ones(2, 4), torch.full((2, 4), -1, dtype=torch.int8)).item() == 0


def test_parts_of_a_batch_that_are_divided_by_the_whole_batch_add_up():
    logits, states = torch.randn(6, 4), torch.randint(-1, 2, (6, 4), dtype=torch.int8)
    count = (states != -1).sum()
    parts = [known_cross_entropy(logits[i : i + 2], states[i : i + 2], count) for i in (0, 2, 4)]
    assert sum(parts).item() == pytest.approx(known_cross_entropy(logits, states).item(), rel=1e-5)
