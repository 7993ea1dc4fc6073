"""A tuning lowers its loss, moves only what is tuned, and goes on from its state as if it had not stopped."""

import numpy as np
import pytest
import torch


def weights_of(network):
    return [weights.detach().clone() for weights in network.parameters()]


def same(first, second):
    return all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("settings", [{}, {"lora_rank": 2}, {"tune": ("unet",)}])
def test_a_step_moves_what_is_tuned_and_nothing_else(trainer, settings):
    one = trainer(**settings)
    frozen = [one.tunable.pipeline.vae] + ([one.tunable.pipeline.text_encoder] if "tune" in settings else [])
    before, still = weights_of(one.networks), [weights_of(network) for network in frozen]
    measured = one.train_step()
    assert np.isfinite(measured["loss"]) and measured["learning_rate"] == 0.01
    assert not same(weights_of(one.networks), before)
    assert all(same(weights_of(network), old) for network, old in zip(frozen, still, strict=True))


def test_the_loss_of_one_batch_falls(trainer):
    one = trainer(learning_rate=0.003)
    first = one.losses()["loss"].item()
    for _ in range(15):
        one.optimiser.zero_grad()
        one.losses()["loss"].backward()  # of the same step: the same images, noise and words
        one.optimiser.step()
    assert one.losses()["loss"].item() < 0.9 * first


def test_it_goes_on_from_its_state_as_if_it_had_not_stopped(trainer):
    unbroken, stopped = trainer(lora_rank=2), trainer(lora_rank=2)
    for _ in range(3):
        unbroken.train_step()
    stopped.train_step()
    again = trainer(lora_rank=2)
    again.load_state(stopped.state())
    for _ in range(2):
        again.train_step()
    assert same(weights_of(unbroken.networks), weights_of(again.networks)) and again.images_seen == 9


def test_it_draws_images_of_the_size_of_the_study(trainer):
    one = trainer()
    states = torch.tensor([[1, 0, 0, 0], [0, 0, 0, 0]], dtype=torch.int8)
    made = one.draw(states, 3)
    assert made.shape == (2, 12, 12) and made.min() >= 0 and made.max() <= 1
    assert np.array_equal(made, one.draw(states, 3)) and not np.array_equal(made[0], made[1])
