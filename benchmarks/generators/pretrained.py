"""How near the pretrained weights come to phantoms: ``python benchmarks/generators/pretrained.py``.

Draws from the weights in ``data/pretrained`` under the conditions of phantoms that they have not seen, without
truncation and without guidance, and prints the Fréchet and kernel distance from those phantoms; beside them the
distances of as many other phantoms, the least that an ideal generator would have.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from judge import distances, judge, phantoms

from helpers.generators.diffusion import SCHEDULERS, ChestDiffusionPipeline, Denoiser, memory_format
from helpers.generators.diffusion_trainer import DRAWN_STEPS, GRAIN_IMAGES
from helpers.generators.gan import JOINT, Gan
from helpers.generators.grain import lacking, measure_grain
from helpers.generators.precision import choose
from helpers.generators.pretrained import Pretrained
from helpers.generators.stylegan2 import Architecture, Generator
from helpers.runs import PROJECT

FOLDER = PROJECT / "data" / "pretrained"
REFERENCE_SEED, OTHERS_SEED = 7003, 7005


def as_bytes(images: np.ndarray) -> np.ndarray:
    """Gray images in 0..1 as uint8."""
    return np.rint(images * 255).astype(np.uint8)


def pretrained_gan() -> Gan:
    """The GAN of the pretrained weights."""
    start = Pretrained.read(FOLDER / "gan.safetensors")
    network = Generator(Architecture(**start.shape)).eval().requires_grad_(False)
    start.fill(generator=network)
    return Gan({JOINT: network}, {}, start.sha256)


def pretrained_diffusion(reference: np.ndarray, states: np.ndarray) -> ChestDiffusionPipeline:
    """The diffusion model of the pretrained weights, with the grain that it lacks beside ``reference`` (n, s, s)."""
    start, arithmetic = Pretrained.read(FOLDER / "diffusion.safetensors"), choose()
    denoiser = Denoiser(**start.shape).eval()
    start.fill(denoiser=denoiser)
    denoiser.to(arithmetic.device, memory_format=memory_format(arithmetic))
    pipeline = ChestDiffusionPipeline(denoiser, SCHEDULERS["euler"]())
    pipeline.precision = arithmetic
    smooth = pipeline.sample(states[:GRAIN_IMAGES], range(GRAIN_IMAGES), guidance=1, steps=DRAWN_STEPS)
    grain = lacking(measure_grain(reference), measure_grain(as_bytes(smooth)))
    denoiser.register_to_config(grain=grain)  # as at the end of a training
    return pipeline


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=1000, help="images drawn by each model")
    parser.add_argument("--steps", type=int, default=20, help="sampling steps of the diffusion model")
    parser.add_argument("--out", type=Path, default=PROJECT / "build" / "generators", help="where the judge is kept")
    options = parser.parse_args()
    size, seeds = Pretrained.read(FOLDER / "diffusion.safetensors").shape["size"], range(options.images)
    classifier = judge(options.out, size)
    reference, states = phantoms(REFERENCE_SEED, options.images, size, "Phantoms to compare with")
    gan, diffusion = pretrained_gan(), pretrained_diffusion(reference, states)
    made = {
        "other phantoms": phantoms(OTHERS_SEED, options.images, size, "Other phantoms")[0],
        "GAN": as_bytes(np.concatenate([gan.sample(states[i], [i], truncation=1) for i in seeds])),
        "diffusion": as_bytes(diffusion.sample(states, seeds, guidance=1, steps=options.steps)),
    }
    rows = [{"images": name} | distances(classifier, images, reference) for name, images in made.items()]
    print(pd.DataFrame(rows).round(3).to_string(index=False))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
