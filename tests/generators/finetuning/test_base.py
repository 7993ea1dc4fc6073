"""What of a pipeline is tuned, and how it sees images and words."""

import pytest
import torch
from diffusers import DDPMScheduler
from small_pipeline import small_pipeline

from helpers.errors import ParameterError, SampleError
from helpers.generators.finetuning.base import Base, Tunable, find
from helpers.generators.finetuning.settings import TuningSettings


@pytest.fixture
def tunable(pipeline_folder):
    def make(**settings):
        return Tunable(Base(pipeline_folder, "digest"), TuningSettings(**settings), torch.device("cpu"))

    return make


def learning(network):
    return {name for name, weights in network.named_parameters() if weights.requires_grad}


def test_a_folder_is_found_by_its_path_and_told_by_its_digest(pipeline_folder):
    found = find(str(pipeline_folder))
    assert found.path == pipeline_folder and len(found.sha256) == 64
    with pytest.raises(SampleError, match="holds no pipeline.*RoentGen"):
        find(str(pipeline_folder / "nowhere"))


def test_only_what_is_tuned_learns(tunable):
    whole, unet = tunable().pipeline, tunable(tune=("unet",)).pipeline
    assert learning(whole.unet) and learning(whole.text_encoder) and not learning(whole.vae)
    assert learning(unet.unet) and not learning(unet.text_encoder)


def test_a_lora_learns_little_and_changes_nothing_at_first(tunable):
    whole, adapted = tunable(), tunable(lora_rank=2)
    counts = [sum(weights.numel() for weights in one.tuned) for one in (whole, adapted)]
    assert counts[1] < counts[0] / 4 and all("lora" in name for name in learning(adapted.pipeline.unet))
    noise, time = torch.randn(1, 4, 8, 8), torch.tensor([10])
    with torch.no_grad():
        outputs = [
            one.pipeline.unet(noise, time, encoder_hidden_states=one.told(["effusion"])).sample
            for one in (whole, adapted)
        ]
    assert torch.allclose(*outputs, atol=1e-6)


def test_images_are_seen_at_the_resolution_of_the_base_and_its_scale(tunable):
    images = torch.rand(2, 1, 12, 12) * 2 - 1
    found, larger = tunable().latents(images), tunable(resolution=32).latents(images)
    assert found.shape == (2, 4, 8, 8) and larger.shape == (2, 4, 16, 16)
    autoencoder = tunable().pipeline.vae
    seen = torch.nn.functional.interpolate(images, size=(16, 16), mode="bicubic", antialias=True).clamp(-1, 1)
    mean = autoencoder.encode(seen.repeat(1, 3, 1, 1)).latent_dist.mean
    assert torch.allclose(found, mean * autoencoder.config.scaling_factor, atol=1e-6)


def test_a_resolution_that_it_cannot_see_and_another_class_are_refused(tunable, tmp_path):
    with pytest.raises(ParameterError, match="resolution = 18: must be a multiple of 4"):
        tunable(resolution=18)
    small_pipeline().save_pretrained(tmp_path)
    with pytest.raises(ParameterError, match="a StableDiffusionXLPipeline; only a StableDiffusionPipeline"):
        Tunable(Base(tmp_path, "digest"), TuningSettings(), torch.device("cpu"))


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "sample"])
def test_the_aim_is_what_the_base_was_trained_to_predict(tunable, kind):
    one, clean, noise = tunable(), torch.randn(2, 4, 8, 8), torch.randn(2, 4, 8, 8)
    one.schedule = DDPMScheduler(prediction_type=kind)
    time = torch.tensor([0, 999])
    kept = one.schedule.alphas_cumprod[time].view(-1, 1, 1, 1)
    expected = {
        "epsilon": noise,
        "sample": clean,
        "v_prediction": kept.sqrt() * noise - (1 - kept).sqrt() * clean,  # Salimans and Ho 2022, section 4
    }
    assert torch.allclose(one.aim(clean, noise, time), expected[kind], atol=1e-6)
