"""Generators for the bench that are quick: a GAN of one grey, and diffusion whose network is asked twice."""

from types import SimpleNamespace

import numpy as np
import torch

from helpers.findings import ORIGINAL, UNSPECIFIED
from helpers.generators.between import Between
from helpers.generators.image_generator import ImageGenerator


class GreyGan(ImageGenerator):
    """An image as grey as truncation says, brighter with the seed and with how much there is of the first finding."""

    def sample(self, condition, seeds, truncation, emphasis):
        seed = seeds[0]
        if isinstance(seed, Between):
            seed = seed.first + seed.share * (seed.second - seed.first)
        image = np.full((1, 16, 16), 0.5 * truncation + 0.001 * seed, dtype=np.float32)
        image[:, 0, 0] = 0.25 * (1 + condition[0])
        return image

    def walk(self, ends, seed, shares, truncation, emphasis):
        first, last = (self.sample(end, [seed], truncation, emphasis) for end in ends)
        return first + shares[0] * (last - first)


class TwoSteps(ImageGenerator):
    """Two evaluations of a network that foresees a grey image, as a pipeline of diffusers has them; darker where the
    words deny something."""

    size, templates = 16, ("original",)

    def __init__(self):
        decoder = SimpleNamespace(
            config=SimpleNamespace(scaling_factor=1.0), decode=lambda latents, return_dict: (latents,)
        )
        scheduler = SimpleNamespace(config={"prediction_type": "sample"})
        self.pipeline = SimpleNamespace(unet=torch.nn.Identity(), vae=decoder, scheduler=scheduler)
        self.told = []

    def prompt(self, condition, template=None):
        named = zip(ORIGINAL, condition.tolist(), strict=True)
        return ", ".join(one.words if state else f"no {one.words}" for one, state in named if state != UNSPECIFIED)

    def sample(self, condition, seeds, guidance, steps):
        return self.draw(self.prompt(condition), seeds, guidance=guidance, steps=steps)

    def draw(self, prompt, seeds, guidance, steps):
        self.told.append(prompt)
        for done in range(steps):
            self.pipeline.unet((torch.full((1, 1, 16, 16), done / steps),))
        brightest = 0.5 if prompt.startswith("no ") else 1
        return np.linspace(0, brightest, 256, dtype=np.float32).reshape(1, 16, 16)


def loaded(bench):
    """A bench with these generators."""
    bench._loaded = {"gan": GreyGan(), "diffusion": TwoSteps()}
    return bench
