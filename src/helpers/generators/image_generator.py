"""The common interface of the study's generators, with defaults for what a generator cannot do."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np


class ImageGenerator(ABC):
    """Makes images for a condition, int8 (findings,), one state each; a subclass overrides what it can do.

    ``sha256`` is the digest of what makes its images. ``findings`` are those that it was trained on, in the order of a
    condition; None for a generator that takes any. ``templates`` are the names of the prompt templates of a generator
    that takes text prompts, whose ``sample`` takes a ``template``.
    """

    sha256: str
    findings: tuple[str, ...] | None = None
    templates: tuple[str, ...] = ()

    @property
    def modules(self) -> tuple[str, ...]:
        """Names of the modules whose code makes its images."""
        return (type(self).__module__,)

    @abstractmethod
    def sample(self, condition: np.ndarray, seeds: Sequence[int], **options) -> np.ndarray:
        """Images float32 (n, size, size) in 0..1; image i depends only on ``seeds[i]`` and the condition.

        For existing images, the seeds are their numbers within the condition: 0, 1, ... Generators that use random
        numbers accept ``between.Between`` in place of a seed, here and in ``walk``.
        """

    def prompt(self, condition: np.ndarray, template: str | None = None) -> str | None:
        """The prompt for a condition; None for a generator that takes no text prompts."""
        return None

    def available(self, condition: np.ndarray) -> int | None:
        """Number of existing images for a condition; None for a generator that makes as many as requested."""
        return None

    def walk(
        self, ends: tuple[np.ndarray, np.ndarray], seed: int, shares: Sequence[float], **options
    ) -> np.ndarray | None:
        """One patient interpolated between two conditions: float32 (n, size, size) in 0..1, one image per share.

        The random numbers are those of ``seed`` throughout. Share 0 gives the image of ``sample`` for the first
        condition, 1 that for the second. None for a generator that cannot interpolate between conditions.
        """
        return None
