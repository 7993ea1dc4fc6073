"""The loss is that of the paper, the average grows with the training, and a step depends on state and seed alone."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import ParameterError, TrainingError
from helpers.generators.diffusion import SCHEDULERS, ChestDiffusionPipeline
from helpers.generators.diffusion_trainer import (
    SIGMA_FLOOR,
    DiffusionSettings,
    DiffusionTrainer,
    ema_exponent,
    flow_loss,
)
from helpers.generators.grain import measure_grain
from helpers.generators.precision import choose
from helpers.generators.pretrained import Pretrained, cpu_state, write
from helpers.generators.training_data import TrainingData

SMALL = DiffusionSettings(channels=(16,), unshuffle=4, batch=4, warmup_images=0)


def trainer(seed=1, settings=SMALL) -> DiffusionTrainer:
    random = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (12, 1, 16, 16), generator=random, dtype=torch.uint8)
    states = torch.randint(-1, 2, (12, 4), generator=random, dtype=torch.int8)
    return DiffusionTrainer(TrainingData(images, states), replace(settings, seed=seed), choose("cpu", "float32"))


def test_a_perfect_prediction_has_no_loss():
    clean = torch.randn(3, 1, 4, 4)
    loss = flow_loss(
        lambda noisy, sigma, states: clean, clean, None, torch.tensor([0.1, 0.5, 1.0]), torch.randn(3, 1, 4, 4)
    )
    assert loss == 0


@given(sigma=st.floats(SIGMA_FLOOR, 1))
def test_the_loss_is_the_squared_error_of_the_velocity(sigma):
    """A prediction that is off by d has a velocity that is off by d / sigma."""
    clean, noise = torch.zeros(1, 1, 4, 4), torch.ones(1, 1, 4, 4)
    loss = flow_loss(lambda noisy, level, states: clean + 0.3, clean, None, torch.tensor([sigma]), noise)
    assert float(loss) == pytest.approx((0.3 / sigma) ** 2, rel=1e-4)


def test_the_noisy_image_lies_on_the_straight_path():
    seen = {}
    clean, noise = torch.randn(2, 1, 4, 4), torch.randn(2, 1, 4, 4)

    def denoiser(noisy, sigma, states):
        seen["noisy"] = noisy
        return clean

    flow_loss(denoiser, clean, None, torch.tensor([0.0, 1.0]), noise)
    assert torch.equal(seen["noisy"], torch.stack([clean[0], noise[1]]))


@given(width=st.floats(0.02, 0.27))
def test_the_exponent_gives_the_width_that_was_asked_for(width):
    g = ema_exponent(width)
    assert g > 0
    assert np.sqrt((g + 1) / ((g + 2) ** 2 * (g + 3))) == pytest.approx(width, rel=1e-6)


def test_known_exponent():
    """Karras et al. 2024 give 6.94 for a width of 0.10."""
    assert ema_exponent(0.10) == pytest.approx(6.94, abs=0.01)


def test_steps_depend_on_the_seed_alone():
    first, second, other = trainer(1), trainer(1), trainer(2)
    torch.rand(7)  # what others draw does not matter
    losses = [[t.train_step() for _ in range(3)] for t in (first, second, other)]
    assert losses[0] == losses[1] != losses[2]


def test_a_state_holds_everything_that_the_next_step_needs():
    unbroken, resumed = trainer(), trainer()
    for _ in range(12):
        unbroken.train_step()
    resumed.load_state(copy.deepcopy(unbroken.state()))
    for _ in range(3):
        assert unbroken.train_step() == resumed.train_step()
    for ours, theirs in zip(unbroken.average.parameters(), resumed.average.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_training_lowers_the_loss_and_counts_images():
    training = trainer(settings=DiffusionSettings(channels=(16,), batch=12, learning_rate=3e-3, warmup_images=0))
    training.data.images[:] = training.data.images[:1]
    losses = [training.train_step()["loss"] for _ in range(40)]
    assert np.mean(losses[-10:]) < 0.7 * np.mean(losses[:5])
    assert training.images == 480


def test_a_loss_that_is_not_a_number_stops_before_any_weight_changes():
    training = trainer()
    training.train_step()
    with torch.no_grad():
        training.denoiser.unet.conv_in.bias[0] = float("nan")
    before = {name: values.clone() for name, values in training.denoiser.state_dict().items()}
    with pytest.raises(TrainingError, match="step 2.*learning_rate"):
        training.train_step()
    after = training.denoiser.state_dict()
    assert all(torch.equal(before[name].nan_to_num(), after[name].nan_to_num()) for name in before)


@pytest.mark.parametrize("wrong", [{"batch": 0}, {"learning_rate": -1}, {"ema_width": 0.5}, {"unshuffle": 0}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ParameterError, match=str(*wrong)):
        DiffusionSettings(**wrong)


def test_images_are_drawn_with_the_fine_noise_of_the_training_images():
    noise = np.random.default_rng(4).normal(128, 8, (40, 1, 16, 16))
    states = torch.full((40, 4), -1, dtype=torch.int8)
    data = TrainingData(torch.from_numpy(noise.clip(0, 255).astype(np.uint8)), states)
    trained = DiffusionTrainer(data, SMALL, choose("cpu", "float32"))
    for _ in range(10):
        trained.train_step()
    drawn = trained.draw(states, seed=100)
    wanted, found = (np.array(measure_grain(images)) for images in (data.images[:, 0].numpy(), stored(drawn)))
    assert found[8] == pytest.approx(wanted[8], rel=0.15) and wanted[8] == pytest.approx(8 / 255, rel=0.05)
    trained.average.register_to_config(grain=())
    smooth = ChestDiffusionPipeline(trained.average, SCHEDULERS["euler"]()).sample([-1] * 4, range(40))
    assert measure_grain(stored(smooth))[8] < 0.5 * wanted[8]


def stored(images):
    return np.rint(images * 255).astype(np.uint8)


def test_a_warm_start_takes_over_the_weights_and_the_long_average(tmp_path):
    before = trainer()
    for _ in range(3):
        before.train_step()
    path = tmp_path / "diffusion.safetensors"
    write(path, {"denoiser": cpu_state(before.average)}, before.denoiser.shape, images_seen=40_000)
    warm = DiffusionTrainer(before.data, SMALL, before.precision, Pretrained.read(path))
    kept = [weight.clone() for weight in warm.average.parameters()]
    for mine, theirs in zip(kept, before.average.parameters(), strict=True):
        assert torch.allclose(mine, theirs, rtol=1e-3, atol=1e-4)
    warm.train_step()
    moved, of_the_way = (
        sum(float((new - old).detach().norm()) for new, old in zip(network.parameters(), kept, strict=True))
        for network in (warm.average, warm.denoiser)
    )
    assert 0 < moved < 0.05 * of_the_way


def test_a_warm_start_of_another_shape_is_refused(tmp_path):
    before = trainer()
    shape = before.denoiser.shape | {"size": 32}
    write(tmp_path / "d.safetensors", {"denoiser": cpu_state(before.average)}, shape, images_seen=1)
    with pytest.raises(ParameterError, match="size is 32 in the file and 16 here"):
        DiffusionTrainer(before.data, SMALL, before.precision, Pretrained.read(tmp_path / "d.safetensors"))
