import pytest
import torch

from helpers.errors import ParameterError
from helpers.generators import precision
from helpers.generators.gan_trainer import GanSettings, GanTrainer
from helpers.generators.stylegan2 import Architecture
from helpers.generators.training_data import TrainingData

SHAPE = Architecture(size=8, width=4, widest=8, latent=8)


def trainer(wanted="float32", **settings):
    random = torch.Generator().manual_seed(5)
    images = torch.randint(0, 256, (24, 1, 8, 8), generator=random, dtype=torch.uint8)
    states = torch.randint(-1, 2, (24, 4), generator=random, dtype=torch.int8)
    return GanTrainer(
        TrainingData(images, states), SHAPE, GanSettings(**{"batch": 4} | settings), precision.choose("cpu", wanted)
    )


def weights(network):
    return torch.cat([weight.detach().flatten() for weight in network.parameters()])


def test_a_step_moves_both_networks_and_the_average_and_counts():
    it = trainer()
    before = [weights(network) for network in (it.generator, it.discriminator, it.average)]
    measured = it.train_step()
    after = [weights(network) for network in (it.generator, it.discriminator, it.average)]
    assert all(not torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert (it.step, it.images) == (1, 4)
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
    assert (resumed.step, resumed.images, resumed.augmentation.p) == (6, 24, unbroken.augmentation.p)


def test_gradient_penalty_is_taken_every_sixteenth_step_only():
    it = trainer()
    assert [step for step in range(34) if "penalty" in it.train_step()] == [0, 16, 32]


def test_bfloat16_trains_in_float32_weights():
    it = trainer("bfloat16")
    it.train_step()
    assert it.healthy()
    assert {weight.dtype for weight in it.generator.parameters()} == {torch.float32}


def test_sick_weights_are_noticed():
    it = trainer()
    assert it.healthy()
    with torch.no_grad():
        it.generator.constant[0, 0, 0, 0] = float("nan")
    assert not it.healthy()


@pytest.mark.parametrize(
    "wrong", [{"batch": 1}, {"learning_rate": -1.0}, {"style_mixing": 2.0}, {"label_dropout": -0.1}, {"ema_images": 0}]
)
def test_settings_out_of_range_are_named(wrong):
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        GanSettings(**wrong)
