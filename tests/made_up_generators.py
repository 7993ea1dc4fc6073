"""Generators for the bench that are quick: a GAN of one grey, and diffusion whose network is asked twice."""

import numpy as np
import torch

from helpers.generators.image_generator import ImageGenerator


class GreyGan(ImageGenerator):
    """An image as grey as truncation says, brighter with the seed."""

    def sample(self, condition, seeds, truncation, emphasis):
        image = np.full((1, 16, 16), 0.5 * truncation + 0.001 * seeds[0], dtype=np.float32)
        image[:, 0, 0] = 0.25 * (1 + condition[0])
        return image


class TwoSteps(ImageGenerator):
    """Two evaluations of a network that foresees a grey image, as diffusion has them."""

    def __init__(self):
        self.denoiser = torch.nn.Identity()

    def sample(self, condition, seeds, guidance, steps, scheduler):
        for done in range(steps):
            self.denoiser(torch.full((1, 1, 16, 16), done / steps))
        return np.linspace(0, 1, 256, dtype=np.float32).reshape(1, 16, 16)


def loaded(bench):
    """A bench with these generators."""
    bench._loaded = {"gan": GreyGan(), "diffusion": TwoSteps()}
    return bench
