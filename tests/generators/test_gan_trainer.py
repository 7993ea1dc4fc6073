from dataclasses import asdict, replace

import pytest
import torch
from small_gan import SHAPE, trainer, weights

from helpers.errors import ParameterError
from helpers.generators import precision
from helpers.generators.conditions import encode
from helpers.generators.gan_trainer import GanSettings, GanTrainer
from helpers.generators.pretrained import Pretrained, cpu_state, write
from helpers.generators.processes import Draws
from helpers.generators.stylegan2 import Architecture, draw_noise
from helpers.generators.training_data import TrainingData

GOOD = {"discriminator_loss": 1.0, "generator_loss": 1.0, "spread": 0.3}


def test_a_step_moves_both_networks_and_the_average_and_counts():
    it = trainer()
    before = [weights(network) for network in (it.generator, it.discriminator, it.average)]
    measured = it.train_step()
    after = [weights(network) for network in (it.generator, it.discriminator, it.average)]
    assert all(not torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert (it.steps, it.images) == (1, 4)
    assert all(torch.as_tensor(value).isfinite().all() for value in measured.values())


@pytest.mark.parametrize(
    "settings",
    [
        {"augmentation": "ada"},
        {"augmentation": "none", "r1_gamma": 0.0},
        {"path_length_weight": 2.0, "style_mixing": 0.9},
        {"label_dropout": 0.0},
    ],
)
def test_every_way_of_training_gives_the_same_weights_for_the_same_seed(settings):
    first, second, other = trainer(**settings), trainer(**settings), trainer(seed=2, **settings)
    for it in (first, second, other):
        for _ in range(3):
            it.train_step()
    assert torch.equal(weights(first.generator), weights(second.generator))
    assert not torch.equal(weights(first.generator), weights(other.generator))


def test_global_random_state_neither_matters_nor_moves():
    torch.manual_seed(1)
    first = trainer()
    expected = torch.rand(1)
    torch.manual_seed(1)
    first.train_step()
    assert torch.equal(torch.rand(1), expected)
    torch.manual_seed(99)
    second = trainer()
    second.train_step()
    assert torch.equal(weights(first.generator), weights(second.generator))


@pytest.mark.parametrize("settings", [{}, {"augmentation": "ada", "path_length_weight": 2.0, "style_mixing": 0.5}])
def test_trainer_put_back_to_a_state_goes_on_bit_for_bit(settings, tmp_path):
    unbroken = trainer(**settings)
    for _ in range(6):
        unbroken.train_step()
    broken = trainer(**settings)
    for _ in range(3):
        broken.train_step()
    torch.save(broken.state(), tmp_path / "state.pt")
    resumed = trainer(**settings)
    resumed.load_state(torch.load(tmp_path / "state.pt", weights_only=True))
    for _ in range(3):
        resumed.train_step()
    for name in ("generator", "discriminator", "average"):
        assert torch.equal(weights(getattr(resumed, name)), weights(getattr(unbroken, name)))
    assert (resumed.steps, resumed.images, resumed.augmentation.p) == (6, 24, unbroken.augmentation.p)


@pytest.mark.parametrize("used", [True, False])
def test_without_noise_inputs_an_image_depends_on_latent_and_condition_alone(used):
    it = trainer(noise_inputs=used)
    for _ in range(2):
        it.train_step()
    latent, code = torch.ones(1, SHAPE.latent), encode(torch.ones(1, 4, dtype=torch.int8))
    for network in (it.generator, it.average):
        first, second = (network(latent, code, draw_noise(SHAPE, 1, Draws.of_seed(seed))) for seed in (1, 2))
        assert torch.equal(first, second) != used


def test_gradient_penalty_is_taken_every_sixteenth_step_only():
    it = trainer()
    assert [step for step in range(34) if "penalty" in it.train_step()] == [0, 16, 32]


def test_bfloat16_trains_in_float32_weights():
    it = trainer("bfloat16")
    it.train_step()
    assert it.failure(GOOD) is None
    assert {weight.dtype for weight in it.generator.parameters()} == {torch.float32}


def test_sick_weights_are_noticed():
    it = trainer()
    assert it.failure(GOOD) is None
    with torch.no_grad():
        it.generator.constant[0, 0, 0, 0] = float("nan")
    assert "not a number" in it.failure(GOOD)


@pytest.mark.parametrize(
    "wrong", [{"batch": 1}, {"learning_rate": -1.0}, {"style_mixing": 2.0}, {"label_dropout": -0.1}, {"ema_images": 0}]
)
def test_settings_out_of_range_are_named(wrong):
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        GanSettings(**wrong)


def started(path, shape=SHAPE):
    """Weights of a trainer after three steps, as a file to start from."""
    before = trainer()
    for _ in range(3):
        before.train_step()
    networks = {"generator": cpu_state(before.average), "discriminator": cpu_state(before.discriminator)}
    write(path, networks, asdict(shape), images_seen=5000)
    return before, Pretrained.read(path)


def test_a_warm_start_takes_over_the_weights_and_the_long_average(tmp_path):
    before, start = started(tmp_path / "gan.safetensors")
    warm = GanTrainer(before.data, SHAPE, before.settings, before.precision, start)
    for network in (warm.generator, warm.average):
        assert torch.allclose(weights(network), weights(before.average), rtol=1e-3, atol=1e-4)
    assert torch.allclose(weights(warm.discriminator), weights(before.discriminator), rtol=1e-3, atol=1e-4)
    kept = weights(warm.average)
    warm.train_step()
    moved, of_the_way = (weights(n) - kept for n in (warm.average, warm.generator))
    assert moved.norm() < 0.05 * of_the_way.norm()


def test_without_noise_inputs_those_of_a_warm_start_are_left_out(tmp_path):
    before, start = started(tmp_path / "gan.safetensors")
    assert any(layer.noise_strength.item() for layer in before.average.layers)
    settings = replace(before.settings, noise_inputs=False)
    warm = GanTrainer(before.data, SHAPE, settings, before.precision, start)
    assert not any(layer.noise_strength.item() for layer in (*warm.generator.layers, *warm.average.layers))


def test_a_warm_start_of_another_shape_is_refused(tmp_path):
    before, start = started(tmp_path / "gan.safetensors")
    with pytest.raises(ParameterError, match="widest is 8 in the file and 16 here"):
        GanTrainer(before.data, Architecture(8, 4, 16, 8), before.settings, before.precision, start)


def test_findings_count_from_the_image_on_that_was_set():
    later, never = trainer(classification_weight=1.5, classification_from=8), trainer(classification_weight=0.0)
    for images in (4, 8):
        for it in (later, never):
            it.train_step()
        assert later.images == images
        assert torch.equal(weights(later.discriminator), weights(never.discriminator))
        assert torch.equal(weights(later.generator), weights(never.generator))
    for it in (later, never):
        it.train_step()
    assert not torch.equal(weights(later.discriminator), weights(never.discriminator))


def test_the_generator_learns_to_show_what_the_discriminator_can_name():
    states = torch.full((24, 4), -1, dtype=torch.int8)
    states[:, 0] = torch.arange(24) % 2
    bright = torch.where(states[:, 0] == 1, 200, 50).to(torch.uint8)
    data = TrainingData(bright[:, None, None, None].expand(-1, 1, 8, 8).clone(), states)
    settings = GanSettings(batch=8, learning_rate=0.01, label_dropout=0.0, classification_weight=2.0)
    it = GanTrainer(data, SHAPE, settings, precision.choose("cpu", "float32"))
    losses = [it.train_step() for _ in range(80)]
    for name in ("real_classification_loss", "fake_classification_loss"):
        assert sum(float(step[name]) for step in losses[-10:]) / 10 < 0.35  # the logarithm of two at first


def test_a_good_interval_passes():
    assert trainer().failure(GOOD) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"generator_loss": float("nan")}, "not a number"),
        ({"discriminator_loss": float("inf")}, "not a number"),
        ({"spread": 0.0}, "all synthetic images are the same"),
        ({"generator_loss": 80.0}, "the discriminator recognises every synthetic image"),
    ],
)
def test_failed_training_is_told_apart_and_advised_on(change, message):
    assert message in trainer().failure(GOOD | change)
