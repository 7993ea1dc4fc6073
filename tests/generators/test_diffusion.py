"""The network answers noise level and labels; the pipeline samples reproducibly and survives being saved."""

import numpy as np
import pytest
import torch
from diffusers import FlowMatchEulerDiscreteScheduler
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import CheckpointError, ParameterError
from helpers.findings import ORIGINAL
from helpers.generators.diffusion import CHUNK, SCHEDULERS, ChestDiffusionPipeline, Denoiser, memory_format
from helpers.generators.grain import LEVELS
from helpers.generators.precision import Precision, choose

CELLS = ORIGINAL.cells
condition = ORIGINAL.condition

PRESENT, ABSENT = condition(CELLS[0]), condition(CELLS[1])
NOTHING = torch.full((2, 4), -1, dtype=torch.int8)


def small_pipeline(scheduler="euler") -> ChestDiffusionPipeline:
    torch.manual_seed(0)
    denoiser = Denoiser(size=16, unshuffle=2, channels=(16, 32)).eval()
    for values in denoiser.parameters():  # an untrained one answers nothing at all
        values.data.add_(torch.randn(values.shape), alpha=0.05)
    return ChestDiffusionPipeline(denoiser, SCHEDULERS[scheduler]())


@pytest.fixture(scope="module")
def pipeline():
    return small_pipeline()


@pytest.fixture(scope="module")
def ten(pipeline):
    return pipeline.sample(PRESENT, list(range(10)), steps=3)


@pytest.mark.parametrize(("device", "layout"), [("cpu", torch.channels_last), ("cuda", torch.contiguous_format)])
def test_the_denoiser_is_laid_out_as_its_norms_know_it(device, layout):
    assert memory_format(Precision(torch.device(device), torch.bfloat16, True, "")) is layout


def test_images_have_the_denoisers_size_and_range(ten):
    assert ten.shape == (10, 16, 16) and ten.dtype == np.float32
    assert ten.min() >= 0 and ten.max() <= 1


def test_grain_is_put_back_from_the_images_own_seed_and_survives_being_saved(ten, tmp_path):
    without = small_pipeline().sha256
    grainy = small_pipeline()
    grainy.denoiser.register_to_config(grain=(0.05,) * LEVELS)
    images = grainy.sample(PRESENT, list(range(10)), steps=3)
    noise = (images - ten)[(images > 0) & (images < 1)]
    assert abs(noise.mean()) < 0.01 and noise.std() == pytest.approx(0.05, rel=0.1)
    assert np.array_equal(grainy.sample(PRESENT, [7, 3], steps=3), images[[7, 3]])
    grainy.save_pretrained(tmp_path / "pipeline")
    again = ChestDiffusionPipeline.load(tmp_path / "pipeline", choose(wanted="float32"))
    assert again.sha256 == grainy.sha256 != without
    assert np.array_equal(again.sample(PRESENT, [7], steps=3), images[[7]])


@settings(max_examples=6, deadline=None)
@given(seeds=st.lists(st.integers(0, 9), min_size=1, max_size=CHUNK + 3))
def test_an_image_depends_on_its_own_seed_alone(pipeline, ten, seeds):
    assert np.array_equal(pipeline.sample(PRESENT, seeds, steps=3), ten[seeds])


def test_seeds_and_conditions_change_the_image(pipeline, ten):
    assert not np.array_equal(ten[0], ten[1])
    assert not np.array_equal(pipeline.sample(ABSENT, [0], steps=3), ten[:1])


def test_guidance_one_is_the_conditional_model_alone(pipeline):
    """u + g (c - u) at g = 1 is c, whichever way it is computed."""
    direct = pipeline.sample(PRESENT, [0], guidance=1, steps=3)
    limit = pipeline.sample(PRESENT, [0], guidance=1 + 1e-6, steps=3)
    assert np.allclose(direct, limit, atol=1e-3)


def test_guidance_without_labels_changes_nothing(pipeline):
    unspecified = np.full(4, -1, np.int8)
    images = [pipeline.sample(unspecified, [3], guidance=guidance, steps=3) for guidance in (1, 4)]
    assert np.allclose(*images, atol=1e-3)


def test_heuns_method_asks_at_eulers_noise_levels_twice_at_all_but_the_first():
    pipeline, levels = small_pipeline(), []
    answer = pipeline.denoiser.forward

    def listening(noisy, sigma, states):
        levels.append(round(float(sigma[0]), 4))
        return answer(noisy, sigma, states)

    pipeline.denoiser.forward = listening
    pipeline.sample(PRESENT, [0], guidance=1, steps=4, scheduler="heun")
    assert levels == [1, 0.75, 0.75, 0.5, 0.5, 0.25, 0.25]


@pytest.mark.parametrize("guidance", [1, 3])
def test_a_walk_starts_and_ends_at_the_images_of_its_two_conditions(pipeline, guidance):
    way = pipeline.walk((ABSENT, PRESENT), 5, [0, 0.5, 1], guidance=guidance, steps=3)
    for image, condition_of_end in ((way[0], ABSENT), (way[2], PRESENT)):
        end = pipeline.sample(condition_of_end, [5], guidance=guidance, steps=3)[0]
        assert np.allclose(image, end, atol=1e-5)
    assert not np.allclose(way[0], way[1], atol=1e-3) and not np.allclose(way[1], way[2], atol=1e-3)


@pytest.mark.parametrize("name", SCHEDULERS)
def test_every_scheduler_lands_on_the_data_that_a_perfect_denoiser_knows(name):
    pipeline = small_pipeline()
    known = torch.linspace(-0.9, 0.9, 256).reshape(1, 1, 16, 16)
    pipeline.denoiser.forward = lambda noisy, sigma, states: known.expand(len(noisy), -1, -1, -1)
    images = pipeline.sample(PRESENT, [0, 1], steps=4, scheduler=name)
    assert np.allclose(images, known[0].numpy() / 2 + 0.5, atol=2e-3)


def test_a_saved_pipeline_comes_back_the_same(pipeline, ten, tmp_path):
    pipeline.save_pretrained(tmp_path / "pipeline")
    again = ChestDiffusionPipeline.from_pretrained(tmp_path / "pipeline")
    assert isinstance(again.scheduler, FlowMatchEulerDiscreteScheduler)
    assert again.sha256 == pipeline.sha256
    assert np.array_equal(again.sample(PRESENT, list(range(10)), steps=3), ten)
    loaded = ChestDiffusionPipeline.load(tmp_path / "pipeline", choose("cpu", "float32"))
    assert np.array_equal(loaded.sample(PRESENT, [4], steps=3), ten[4:5])


def test_other_weights_have_another_digest(pipeline):
    other = small_pipeline()
    with torch.no_grad():
        next(other.denoiser.parameters()).add_(1)
    assert other.sha256 != pipeline.sha256


def test_a_folder_without_a_pipeline_is_named(tmp_path):
    with pytest.raises(CheckpointError, match="03_train_diffusion"):
        ChestDiffusionPipeline.load(tmp_path / "nowhere")


def test_a_damaged_pipeline_is_named(pipeline, tmp_path):
    pipeline.save_pretrained(tmp_path)
    weights = next(tmp_path.glob("denoiser/*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(CheckpointError, match="train it again"):
        ChestDiffusionPipeline.load(tmp_path)


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"guidance": -1}, {"scheduler": "magic"}])
def test_settings_out_of_range_are_refused(pipeline, wrong):
    with pytest.raises(ParameterError, match=str(*wrong)):
        pipeline.sample(PRESENT, [0], **wrong)


def test_a_size_that_cannot_be_folded_is_refused():
    with pytest.raises(ParameterError, match="multiple of 16"):
        Denoiser(size=40, unshuffle=4, channels=(16, 32, 32))


def test_an_untrained_denoiser_answers_nothing():
    answer = Denoiser(size=16, unshuffle=2, channels=(16, 32))(torch.randn(2, 1, 16, 16), torch.rand(2), NOTHING)
    assert torch.equal(answer, torch.zeros(2, 1, 16, 16))


def test_the_denoiser_hears_noise_level_and_labels():
    denoiser = small_pipeline().denoiser
    noisy, states = torch.randn(1, 1, 16, 16, generator=torch.Generator().manual_seed(0)), torch.tensor(PRESENT)[None]
    with torch.no_grad():
        here = denoiser(noisy, torch.tensor([0.5]), states)
        elsewhere = denoiser(noisy, torch.tensor([0.9]), states)
        otherwise = denoiser(noisy, torch.tensor([0.5]), torch.tensor(ABSENT)[None])
    assert here.shape == noisy.shape
    assert not torch.allclose(here, elsewhere) and not torch.allclose(here, otherwise)
