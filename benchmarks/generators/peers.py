"""The peers of the benchmark, each as its own documentation trains it, in the environment of requirements.txt.

Only the loop around their training steps is ours, so that the wall clock can stop it.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import timed
import torch
from PIL import Image

BATCH = 16


def batches(images: np.ndarray, size: int) -> Iterator[torch.Tensor]:
    """Endless batches float32 (size, 1, s, s) in 0..1, in random order."""
    pixels = torch.from_numpy(images)[:, None].float() / 255
    while True:
        for chosen in torch.randperm(len(pixels)).split(size):
            if len(chosen) == size:
                yield pixels[chosen]


def count(network: torch.nn.Module) -> int:
    """Number of weights."""
    return sum(weight.numel() for weight in network.parameters())


def in_parts(sample, number: int) -> np.ndarray:
    """Draw ``number`` images, a batch at a time, and drop the channel."""
    parts = [sample(min(BATCH, number - start)) for start in range(0, number, BATCH)]
    return torch.cat(parts).mean(dim=1).numpy()


def denoising_diffusion(images: np.ndarray, seed: int, steps: int) -> timed.Model:
    """denoising-diffusion-pytorch: network from its README; optimiser, accumulation and averaging from its Trainer.

    The network is a quarter as wide, to come far enough to be compared, and the 32 images of a step come 4 at a time:
    16 at a time need 5 GB at 64 pixels with the network of the README, and would need about 16 times that at 256.
    """
    from denoising_diffusion_pytorch import GaussianDiffusion, Unet
    from ema_pytorch import EMA

    batch = 4
    network = Unet(dim=16, dim_mults=(1, 2, 4, 8), channels=1, flash_attn=False)
    diffusion = GaussianDiffusion(network, image_size=images.shape[-1], timesteps=1000, sampling_timesteps=steps)
    optimiser = torch.optim.Adam(diffusion.parameters(), lr=8e-5, betas=(0.9, 0.99))
    average, source = EMA(diffusion, beta=0.995, update_every=10), batches(images, batch)
    accumulated = 2 * BATCH // batch

    def step() -> None:
        for _ in range(accumulated):
            (diffusion(next(source)) / accumulated).backward()
        torch.nn.utils.clip_grad_norm_(diffusion.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        average.update()

    def sample(number: int) -> np.ndarray:
        return in_parts(lambda n: average.ema_model.sample(batch_size=n), number)

    return timed.Model(step, sample, accumulated * batch, count(network))


def diffusers_unet(images: np.ndarray, seed: int, steps: int) -> timed.Model:
    """diffusers' own training example for unconditional images: epsilon prediction, DDPM noise, DDIM to sample.

    Its network of 114 million weights and its 500 steps of warm-up are meant for days on a GPU; here its six levels
    are an eighth as wide, and the warm-up is a tenth as long, so that a short training on two cores gets far enough to
    be compared.
    """
    from diffusers import DDIMPipeline, DDIMScheduler, DDPMScheduler, UNet2DModel
    from diffusers.optimization import get_scheduler
    from diffusers.training_utils import EMAModel

    widths, attention = (16, 16, 32, 32, 64, 64), 4  # the level that attends
    down = ["AttnDownBlock2D" if level == attention else "DownBlock2D" for level in range(len(widths))]
    network = UNet2DModel(
        sample_size=images.shape[-1],
        in_channels=1,
        out_channels=1,
        layers_per_block=2,
        block_out_channels=widths,
        norm_num_groups=widths[0],
        down_block_types=down,
        up_block_types=[kind.replace("Down", "Up") for kind in reversed(down)],
    )
    noise_levels = DDPMScheduler(num_train_timesteps=1000, beta_schedule="linear")
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-4, betas=(0.95, 0.999), weight_decay=1e-6, eps=1e-8)
    rate = get_scheduler("cosine", optimiser, num_warmup_steps=50, num_training_steps=100 * len(images) // BATCH)
    average = EMAModel(network.parameters(), decay=0.9999, use_ema_warmup=True, inv_gamma=1.0, power=0.75)
    source = batches(images, BATCH)

    def step() -> None:
        clean = next(source) * 2 - 1
        noise, timesteps = torch.randn_like(clean), torch.randint(0, 1000, (len(clean),))
        predicted = network(noise_levels.add_noise(clean, noise, timesteps), timesteps).sample
        torch.nn.functional.mse_loss(predicted, noise).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        rate.step()
        optimiser.zero_grad()
        average.step(network.parameters())

    def sample(number: int) -> np.ndarray:
        average.copy_to(network.parameters())
        pipeline = DDIMPipeline(network, DDIMScheduler.from_config(noise_levels.config))
        pipeline.set_progress_bar_config(disable=True)

        def drawn(n: int) -> torch.Tensor:
            made = pipeline(batch_size=n, num_inference_steps=steps, output_type="np").images  # (n, s, s, 1)
            return torch.from_numpy(made).permute(0, 3, 1, 2)

        return in_parts(drawn, number)

    return timed.Model(step, sample, BATCH, count(network))


@contextmanager
def without_cuda() -> Iterator[None]:
    """Let stylegan2-pytorch, which needs CUDA to be imported and moves everything there, run on the processor."""
    available = torch.cuda.is_available
    torch.cuda.is_available = lambda: True
    torch.Tensor.cuda = torch.nn.Module.cuda = lambda self, *_, **__: self
    try:
        yield
    finally:
        torch.cuda.is_available = available


def stylegan2(images: np.ndarray, seed: int, steps: int) -> timed.Model:
    """stylegan2-pytorch with the defaults of its command line and its own choice of augmentation.

    Its averaged weights start at step 20,000; if training ends before, samples are drawn with the trained weights.
    """
    with without_cuda():
        from stylegan2_pytorch import stylegan2_pytorch as peer

    folder = Path(tempfile.mkdtemp())
    for index, image in enumerate(images):
        Image.fromarray(image).save(folder / f"{index:06d}.png")
    settings = {"batch_size": 5, "gradient_accumulate_every": 6, "num_workers": 0, "aug_prob": None}
    trainer = peer.Trainer(base_dir=str(folder / "run"), image_size=images.shape[-1], network_capacity=16, **settings)
    trainer.set_data_src(str(folder))
    trainer.save = trainer.evaluate = lambda *_, **__: None  # neither pictures nor checkpoints along the way
    trainer.init_GAN()
    gan = trainer.GAN

    def sample(number: int) -> np.ndarray:
        gan.eval()

        def drawn(n: int) -> torch.Tensor:
            styles = peer.noise_list(n, gan.G.num_layers, gan.G.latent_dim, device=0)
            styles = peer.styles_def_to_tensor(peer.latent_to_w(gan.S, styles))
            return gan.G(styles, peer.image_noise(n, images.shape[-1], device=0)).clamp(0, 1)

        with torch.no_grad():
            return in_parts(drawn, number)

    return timed.Model(trainer.train, sample, 30, count(gan.G) + count(gan.S))


if __name__ == "__main__":
    builders = {
        "stylegan2-pytorch": stylegan2,
        "denoising-diffusion-pytorch": denoising_diffusion,
        "diffusers-unet": diffusers_unet,
    }
    timed.run(builders, ["torchvision", "denoising-diffusion-pytorch", "stylegan2-pytorch", "diffusers"])
