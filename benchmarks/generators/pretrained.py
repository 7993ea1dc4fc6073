"""How near the pretrained weights come to phantoms: ``python benchmarks/generators/pretrained.py``.

Draws from the weights in ``data/pretrained`` under the conditions of phantoms that they have not seen, at the size that
they draw, without truncation and without guidance, and prints the Fréchet and kernel distances from those phantoms;
beside them the distances of equally many other phantoms, the least that an ideal generator would have.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from judge import distances, judge, phantoms

from helpers.checks import chosen
from helpers.findings import ORIGINAL
from helpers.generators.enlarging.enlarger import Enlarger, EnlargerShape, reduced
from helpers.generators.gan import JOINT, Gan
from helpers.generators.pretrained import Pretrained
from helpers.generators.prompts import read_templates
from helpers.generators.stylegan2 import Architecture, Generator
from helpers.generators.text_to_image import TextToImage
from helpers.generators.words.networks import WordsShape, pipeline_of, text_encoder_of, unet_of
from helpers.generators.words.settings import WordsSettings
from helpers.generators.words.vocabulary import tokenizer_of
from helpers.generators.words.wording import plain
from helpers.runs import PROJECT

FOLDER = PROJECT / "data" / "pretrained"
REFERENCE_SEED, OTHERS_SEED = 7003, 7005


def as_bytes(images: np.ndarray) -> np.ndarray:
    """Grayscale images in 0..1 as uint8."""
    return np.rint(images * 255).astype(np.uint8)


def pretrained_gan() -> Gan:
    """The GAN with the pretrained weights."""
    start = Pretrained.read(FOLDER / "gan.safetensors")
    network = Generator(Architecture(**start.shape)).eval().requires_grad_(False)
    start.fill(generator=network)
    return Gan({JOINT: network}, {}, start.sha256)


class PretrainedDiffusion:
    """The pipeline with the pretrained weights, and the enlarger of ``data/pretrained`` as its decoder."""

    def __init__(self, folder: Path = FOLDER):
        start, decoding = (Pretrained.read(folder / f"{name}.safetensors") for name in ("diffusion", "enlarger"))
        self.drawn = chosen(WordsShape, start.shape)
        tokenizer = tokenizer_of(start.words)
        unet, text_encoder = unet_of(self.drawn), text_encoder_of(self.drawn, tokenizer)
        start.fill(unet=unet, text_encoder=text_encoder)
        self.enlarger = Enlarger(chosen(EnlargerShape, decoding.shape, size=self.drawn.size))
        decoding.fill(enlarger=self.enlarger)
        for network in (unet, text_encoder, self.enlarger):
            network.eval().requires_grad_(False)
        self.pipeline = pipeline_of(unet, text_encoder, tokenizer, self.enlarger, WordsSettings().grain)
        self.pipeline.to("cuda" if torch.cuda.is_available() else "cpu")
        size, words = self.drawn.size * self.enlarger.shape.factor, read_templates("negated", ORIGINAL)
        self.generator = TextToImage(self.pipeline, start.sha256, size, words, ORIGINAL, None, None)

    def sample(self, states: np.ndarray, **options) -> np.ndarray:
        """Images float32 (n, s, s) in 0..1 at the drawn size, for states int8 (n, 4) in plain words.

        They are the decoder's output, reduced as training images are; image i has seed i.
        """
        told = np.array([plain(row, ORIGINAL) for row in states.tolist()])
        made = np.empty((len(states), self.drawn.size, self.drawn.size), np.float32)
        for words in np.unique(told):
            (places,) = np.nonzero(told == words)
            large = torch.from_numpy(self.generator.draw(str(words), places.tolist(), **options))[:, None]
            made[places] = reduced(large, self.enlarger.shape.factor)[:, 0].numpy()
        return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=1000, help="images drawn by each model")
    parser.add_argument("--steps", type=int, default=20, help="sampling steps of the diffusion model")
    parser.add_argument("--out", type=Path, default=PROJECT / "build" / "generators", help="where the judge is kept")
    options = parser.parse_args()
    diffusion, gan = PretrainedDiffusion(), pretrained_gan()
    size, seeds = diffusion.drawn.size, range(options.images)
    classifier = judge(options.out, size)
    reference, states = phantoms(REFERENCE_SEED, options.images, size, "Phantoms to compare with")
    made = {
        "other phantoms": phantoms(OTHERS_SEED, options.images, size, "Other phantoms")[0],
        "GAN": as_bytes(np.concatenate([gan.sample(states[i], [i], truncation=1) for i in seeds])),
        "diffusion": as_bytes(diffusion.sample(states, guidance=1, steps=options.steps)),
    }
    rows = [{"images": name} | distances(classifier, images, reference) for name, images in made.items()]
    print(pd.DataFrame(rows).round(3).to_string(index=False))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
