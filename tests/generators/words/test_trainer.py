"""The loss is that of the velocity, the average grows with the training, and a step depends on state and seed alone."""

import copy
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import ParameterError, TrainingError
from helpers.findings import ORIGINAL
from helpers.generators.pretrained import Pretrained, cpu_state, write
from helpers.generators.words.expected_images import ExpectedImages
from helpers.generators.words.networks import TIMESTEPS, WordsShape, encoded, pipeline_of
from helpers.generators.words.trainer import SIGMA_FLOOR, ema_exponent
from helpers.generators.words.vocabulary import LONGEST, REGIONS


class Answering:
    """Stands for a UNet: remembers what it was shown, and answers what ``answer`` says."""

    def __init__(self, answer):
        self.answer = answer

    def __call__(self, noisy, timestep, **_):
        self.noisy = noisy
        return self

    @property
    def sample(self):
        return self.answer


def loss_of(it, answer, clean, noise, timestep, monkeypatch):
    """The loss where the UNet answers this, and what it was shown."""
    unet = Answering(answer)
    monkeypatch.setattr(it, "networks", {"unet": unet})
    errors = it.velocity_errors(clean, noise, timestep, torch.zeros(1), torch.zeros(1))
    return errors.square().mean(dim=(1, 2, 3)), unet.noisy


def times_of(*sigmas):
    return torch.tensor([sigma * TIMESTEPS - 1 for sigma in sigmas])


def test_a_perfect_prediction_has_no_loss(it, monkeypatch):
    clean, noise = torch.randn(3, 4, 4, 4), torch.randn(3, 4, 4, 4)
    loss, _ = loss_of(it, clean, clean, noise, times_of(0.1, 0.5, 1.0), monkeypatch)
    assert loss.tolist() == [0, 0, 0]


@pytest.mark.parametrize("sigma", [0.01, SIGMA_FLOOR, 0.3, 1.0])
def test_the_loss_is_the_squared_error_of_the_velocity(it, monkeypatch, sigma):
    """A prediction that is off by d has a velocity that is off by d / sigma; the divisor has a floor."""
    clean, noise = torch.zeros(1, 4, 4, 4), torch.ones(1, 4, 4, 4)
    loss, _ = loss_of(it, clean + 0.3, clean, noise, times_of(sigma), monkeypatch)
    assert float(loss) == pytest.approx((0.3 / max(sigma, SIGMA_FLOOR)) ** 2, rel=1e-4)


@pytest.mark.parametrize("sigma", [0.1, 0.5, 0.9, 1.0])
def test_the_noisy_image_lies_on_the_straight_path_with_unit_variance(it, monkeypatch, sigma):
    clean, noise = torch.randn(64, 4, 4, 4), torch.randn(64, 4, 4, 4)
    _, shown = loss_of(it, clean, clean, noise, times_of(*[sigma] * 64), monkeypatch)
    straight = (1 - sigma) * clean + sigma * noise
    torch.testing.assert_close(shown, straight / np.hypot(1 - sigma, sigma), atol=1e-5, rtol=1e-4)
    assert float(shown.std()) == pytest.approx(1, abs=0.05)


@given(width=st.floats(0.02, 0.27))
def test_the_exponent_gives_the_width_that_was_asked_for(width):
    g = ema_exponent(width)
    assert g > 0
    assert np.sqrt((g + 1) / ((g + 2) ** 2 * (g + 3))) == pytest.approx(width, rel=1e-6)


def test_known_exponent():
    """Karras et al. 2024 give 6.94 for a width of 0.10."""
    assert ema_exponent(0.10) == pytest.approx(6.94, abs=0.01)


def test_no_words_are_vectors_of_zeros_as_a_pipeline_has_them(it, decoder):
    encoder = it.average["text_encoder"]
    hidden, pooled = encoded(["", "No effusion."], it.tokenizer, encoder)
    pipeline = pipeline_of(it.average["unet"], encoder, it.tokenizer, decoder)
    told, nothing, whole_told, whole_nothing = pipeline.encode_prompt(["No effusion."])
    assert torch.equal(hidden[:1], nothing) and torch.equal(pooled[:1], whole_nothing)
    assert not hidden[0].any() and not pooled[0].any()
    torch.testing.assert_close(hidden[1:], told)
    torch.testing.assert_close(pooled[1:], whole_told)


def test_the_text_encoder_learns_from_the_images(it):
    before = copy.deepcopy(cpu_state(it.networks["text_encoder"]))
    assert set(it.train_step()) == {"loss", "learning_rate"}
    for _ in range(3):  # at first the words add nothing, and nothing comes back to them
        it.train_step()
    after = cpu_state(it.networks["text_encoder"])
    assert any(not torch.equal(before[name], after[name]) for name in before)


def test_words_that_tell_left_from_right_become_different_vectors(trainer):
    """Images are bright on one side, and nothing but one word of their reports says on which."""
    training = trainer(batch=12, learning_rate=3e-3, words_first=1000)
    right = torch.arange(len(training.data)) % 2 == 1
    training.data.images[:] = 0
    training.data.images[right, ..., training.data.size // 2 :] = 255
    training.data.images[~right, ..., : training.data.size // 2] = 255
    texts = tuple("Large right effusion." if side else "Large left effusion." for side in right.tolist())
    training.data = replace(training.data, texts=texts)
    training.expected = ExpectedImages(texts, training.data.batch(torch.arange(len(texts)))[0])
    measured = pd.DataFrame([training.train_step() for _ in range(60)])
    assert measured["sketching"][-10:].mean() < 0.5 * measured["sketching"][:5].mean()
    hidden, _ = encoded(
        ["Large left effusion.", "Large right effusion."], training.tokenizer, training.networks["text_encoder"]
    )
    left, other = training.networks["sketching"](hidden[:, -REGIONS:]).detach()
    assert float((left * other).sum()) < 0


def test_images_of_one_patient_are_seen_side_by_side_under_the_same_noise(trainer, monkeypatch):
    training = trainer(batch=6, same_patient=3)
    training.data = replace(training.data, patients=torch.arange(12) // 3)
    seen = {}
    monkeypatch.setattr(
        training, "_errors", lambda _, noise, level, *__: seen.update(noise=noise, level=level) or torch.zeros(6, 1)
    )
    training.losses()
    patients = training.data.patients[training.places()].tolist()
    assert patients == [patients[0]] * 3 + [patients[3]] * 3 and patients[0] != patients[3]
    for values in seen.values():
        groups = values.split(3)
        assert all(torch.equal(group, group[:1].expand_as(group)) for group in groups)
        assert not torch.equal(groups[0][0], groups[1][0])


def test_how_images_of_one_patient_differ_can_weigh_more_if_they_are_nearly_pure_noise(trainer):
    def losses(weight, patients, **settings):
        training = trainer(batch=6, same_patient=3, difference_weight=weight, **settings)
        training.data = replace(training.data, patients=patients)
        return training.losses()["loss"].item()

    three, none, noise, clear = torch.arange(12) // 3, torch.arange(12), {"from_noise": 1.0}, {"noise_mean": -4.0}
    assert losses(4.0, three, **noise) > losses(1.0, three, **noise)
    assert losses(4.0, none, **noise) == pytest.approx(losses(1.0, none, **noise))
    assert losses(4.0, three, **clear) == pytest.approx(losses(1.0, three, **clear))


def test_a_share_of_the_images_is_pure_noise(trainer, monkeypatch):
    training, levels = trainer(batch=8, from_noise=0.25), []
    monkeypatch.setattr(training, "_errors", lambda _, __, level, *___: levels.append(level) or torch.zeros(8, 1))
    training.losses()
    assert (levels[0] == 1).tolist() == [True] * 2 + [False] * 6


def test_for_the_first_images_the_text_encoder_learns_alone(trainer):
    training = trainer(batch=4, words_first=8)
    before = {name: copy.deepcopy(cpu_state(training.networks[name])) for name in ("unet", "text_encoder")}
    rows = [training.train_step() for _ in range(2)]
    assert [set(row) for row in rows] == [{"sketching", "learning_rate"}] * 2
    summary = training.summarise(rows)
    assert np.isnan(summary["loss"]) and training.note(summary) == f"loss {summary['sketching']:.3f}"
    now = {name: cpu_state(training.networks[name]) for name in before}
    assert all(torch.equal(values, before["unet"][name]) for name, values in now["unet"].items())
    assert any(not torch.equal(values, before["text_encoder"][name]) for name, values in now["text_encoder"].items())
    assert set(training.train_step()) == {"loss", "learning_rate"}


def test_the_text_encoder_can_go_on_sketching_while_the_unet_learns(trainer):
    rows = [it.train_step() for it in [trainer(batch=4, words_first=4, sketching=0.1)] for _ in range(2)]
    assert [set(row) for row in rows] == [{"sketching", "learning_rate"}, {"loss", "sketching", "learning_rate"}]
    assert 0 < rows[1]["sketching"] < 0.5 * rows[0]["sketching"]


def test_coarse_errors_count_more_where_the_noise_exceeds_the_image(trainer, monkeypatch):
    """An error that cancels out over a square is not coarse; at low noise none is counted twice."""

    def losses(errors, **settings):
        training = trainer(batch=4, coarse_weight=3.0, noise_deviation=0.01, **settings)
        monkeypatch.setattr(training, "_errors", lambda *_: errors)
        found = training.losses()
        return found["loss"].item(), found["coarse"].item()

    even, fine = torch.full((4, 4, 8, 8), 0.5), torch.tensor([0.5, -0.5]).repeat(2).view(1, 4, 1, 1).expand(4, 4, 8, 8)
    assert losses(even, noise_mean=2.0) == pytest.approx((0.25, 0.75))
    assert losses(fine, noise_mean=2.0) == pytest.approx((0.25, 0))
    assert losses(even, noise_mean=-2.0) == pytest.approx((0.25, 0))


def test_words_too_many_leave_the_last_tokens_to_the_regions(it):
    encoder = it.average["text_encoder"].eval()
    hidden, _ = encoded(["effusion " * 90, "effusion " * 80], it.tokenizer, encoder)
    torch.testing.assert_close(hidden[0], hidden[1])
    short, _ = encoded(["effusion"], it.tokenizer, encoder)
    assert hidden.shape[1] == short.shape[1] == LONGEST


def test_steps_depend_on_the_seed_alone(trainer):
    made = [trainer(), trainer(), trainer(seed=2)]
    torch.rand(7)  # what others draw does not matter
    losses = [[each.train_step() for _ in range(3)] for each in made]
    assert losses[0] == losses[1] != losses[2]


def test_a_state_holds_everything_that_the_next_step_needs(trainer):
    unbroken, resumed = trainer(), trainer()
    for _ in range(4):
        unbroken.train_step()
    resumed.load_state(copy.deepcopy(unbroken.state()))
    for _ in range(3):
        assert unbroken.train_step() == resumed.train_step()
    for ours, theirs in zip(unbroken.average.parameters(), resumed.average.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_training_lowers_the_loss_and_counts_images(trainer):
    training = trainer(batch=12, learning_rate=3e-3)
    training.data.images[:] = training.data.images[:1]
    losses = [training.train_step()["loss"] for _ in range(30)]
    assert np.mean(losses[-10:]) < 0.8 * np.mean(losses[:5])
    assert training.images == 360


def test_a_loss_that_is_not_a_number_stops_before_any_weight_changes(trainer):
    training = trainer()
    training.train_step()
    with torch.no_grad():
        training.networks["unet"].conv_in.bias[0] = float("nan")
    before = {name: values.clone() for name, values in training.networks.state_dict().items()}
    with pytest.raises(TrainingError, match="step 2.*learning_rate"):
        training.train_step()
    after = training.networks.state_dict()
    assert all(torch.equal(before[name].nan_to_num(), after[name].nan_to_num()) for name in before)


@pytest.fixture
def start(it, tmp_path):
    """A trainer, and a file to start from that holds its averaged weights after some steps."""
    for _ in range(3):
        it.train_step()
    networks = {name: cpu_state(it.average[name]) for name in ("unet", "text_encoder")}
    write(tmp_path / "diffusion.safetensors", networks, asdict(it.shape), 40_000, it.learned)
    return it, Pretrained.read(tmp_path / "diffusion.safetensors")


def test_a_warm_start_takes_over_weights_and_vocabulary(start, trainer):
    before, file = start
    warm = trainer(file, texts=("Other words.",) * 12)
    assert warm.learned == before.learned
    assert warm.images_seen == 40_000
    for name in ("unet", "text_encoder"):
        for mine, theirs in zip(warm.average[name].parameters(), before.average[name].parameters(), strict=True):
            assert torch.allclose(mine, theirs, rtol=1e-3, atol=1e-4)


def test_the_average_is_of_this_training_whatever_it_starts_from(start, trainer):
    _, file = start
    warm = trainer(file)
    warm.train_step()
    assert all(map(torch.equal, warm.average.parameters(), warm.networks.parameters()))
    first = [weights.clone() for weights in warm.networks.parameters()]
    warm.train_step()
    share = 1 - 0.5 ** (ema_exponent(warm.settings.ema_width) + 1)
    for old, new, mean in zip(first, warm.networks.parameters(), warm.average.parameters(), strict=True):
        torch.testing.assert_close(mean, torch.lerp(old, new, share))


def test_a_warm_start_serves_another_size_but_no_other_shape(start, trainer):
    _, file = start
    trainer(file, shape=WordsShape(size=16, fold=2, channels=(32, 32), text_width=32, text_layers=2))
    with pytest.raises(ParameterError, match="text_layers is 2 in the file and 3 here"):
        trainer(file, shape=WordsShape(size=8, fold=2, channels=(32, 32), text_width=32, text_layers=3))


def test_pictures_follow_seed_and_words_and_an_image_without_labels_is_drawn_without_words(it):
    for weights in it.average.parameters():
        weights.data.add_(torch.randn(weights.shape, generator=torch.Generator().manual_seed(2)), alpha=0.05)
    states = torch.tensor([[1, -1, -1, -1], [0, -1, -1, -1], [-1] * 4], dtype=torch.int8)
    drawn = it.draw(states, 5, steps=2)
    assert drawn.shape == (3, 8, 8) and drawn.min() >= 0 and drawn.max() <= 1
    np.testing.assert_allclose(it.draw(states[1:], 6, steps=2)[0], drawn[1], atol=1e-5)
    assert not np.allclose(it.draw(states[:1], 6, steps=2)[0], drawn[1], atol=1e-4)
    with torch.no_grad():
        for weights in it.average["text_encoder"].parameters():
            weights.mul_(2)
    again = it.draw(states, 5, steps=2)
    np.testing.assert_allclose(again[2], drawn[2], atol=1e-5)
    assert not np.allclose(again[0], drawn[0], atol=1e-4)


def test_what_is_told_and_how_a_tokenizer_was_made_tells_trainings_apart(it):
    plain = it.plain_settings()
    assert plain["words"] == it.learned and plain["findings"][0] == [ORIGINAL[0].name, ORIGINAL[0].words]
