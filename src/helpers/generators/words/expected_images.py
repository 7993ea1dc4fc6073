"""What images look like on average for given words: a training target free of the noise of single images.

Words explain a few percent of the variance of radiographs, and a network that learns from one image at a time sees
mostly the rest. A regression on all images at once finds their effect in seconds.
"""

import re
from collections.abc import Sequence
from itertools import combinations

import torch
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import Ridge
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, interpolate, pixel_unshuffle

from helpers.generators.words.wording import SENTENCE

GRID, SQUARES = 4, 4  # regions per side of an image, and squares per side of each region, in its sketch
SIDE = 64  # pixels per side of an expected image, at most
TOGETHER = 3  # words of one sentence in a group, at most
GROUPS = 1500  # of words; the most frequent are used
RAREST = 1e-3  # share of the texts that contain a group of words, at least
PENALTY = 100.0
EXPLAINED = 0.03  # share of the variance of images that words usually explain
FAINTEST = 1e-6  # variance used if all images are alike
WORD = re.compile(r"\w+")


class ExpectedImages:
    """Ridge regression (Hoerl and Kennard 1970) of images on groups of words that occur together in a sentence.

    ``variance`` is the part of the images' variance that words usually explain, averaged over pixels: the unit of
    squared errors of expected images.
    """

    def __init__(self, texts: Sequence[str], images: Tensor):
        """Fit to ``images``, float (n, 1, size, size) in -1..1, and the text of each."""
        seen = coarse(images).flatten(1)
        self.side, self.mean = int(seen.shape[1] ** 0.5), seen.mean(dim=0)
        self.variance = max(EXPLAINED * float(seen.var(dim=0, correction=0).mean()), FAINTEST)
        self.groups = CountVectorizer(analyzer=_groups, binary=True, max_features=GROUPS, min_df=RAREST)
        self.weights = seen.new_zeros(0, len(self.mean))
        if any(_groups(text) for text in texts):
            said = self.groups.fit_transform(texts).toarray().astype("float32")
            found = Ridge(alpha=PENALTY).fit(said, seen.numpy())
            self.mean, self.weights = torch.from_numpy(found.intercept_), torch.from_numpy(found.coef_.T.copy())

    def of(self, texts: Sequence[str], size: int) -> Tensor:
        """Expected images float32 (n, 1, size, size) for texts, on the CPU."""
        found = self.mean.expand(len(texts), -1)
        if len(self.weights):
            found = found + torch.from_numpy(self.groups.transform(texts).toarray()).float() @ self.weights
        found = found.unflatten(1, (1, self.side, self.side))
        return found if size == self.side else interpolate(found, size=(size, size), mode="bilinear", antialias=True)

    def sketches(self, expected: Tensor) -> Tensor:
        """How expected images differ from the mean image in each region, float32 (n, GRID^2, SQUARES^2)."""
        mean = self.mean.unflatten(0, (1, 1, self.side, self.side)).to(expected.device)
        squares = adaptive_avg_pool2d(expected, GRID * SQUARES) - adaptive_avg_pool2d(mean, GRID * SQUARES)
        regions = pixel_unshuffle(squares, SQUARES).flatten(2).transpose(1, 2)
        return regions / self.variance**0.5


def coarse(images: Tensor) -> Tensor:
    """Images (n, 1, size, size) reduced to at most ``SIDE`` pixels per side."""
    size = images.shape[-1]
    if size <= SIDE:
        return images
    return interpolate(images, size=(SIDE, SIDE), mode="bilinear", antialias=True)


def _groups(text: str) -> list[tuple[str, ...]]:
    """Groups of one to three words from the same sentence of a text, each group in alphabetical order."""
    found = set()
    for sentence in SENTENCE.split(text.lower()):
        words = sorted(set(WORD.findall(sentence)))
        for count in range(1, TOGETHER + 1):
            found.update(combinations(words, count))
    return sorted(found)
