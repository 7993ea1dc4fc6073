"""What every generator of the study can be asked, in one interface with an answer for those that cannot."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np


class ImageGenerator(ABC):
    """Makes images under a condition, int8 (findings,), one state each; a class overrides what it can do.

    ``sha256`` is the digest of what makes its images. ``findings`` are those that it was trained on, in the order of a
    condition; None for a generator that takes any. ``templates`` are the names of the prompt templates of a
    generator that is prompted in words; ``sample`` of such a generator takes a ``template``.
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
        """Images float32 (n, size, size) in 0..1; image i depends on ``seeds[i]`` and the condition alone.

        Where images exist already, the seeds are their numbers under the condition: 0, 1, ... Generators that draw
        random numbers take ``between.Between`` in place of a seed, here and in ``walk``.
        """

    def prompt(self, condition: np.ndarray, template: str | None = None) -> str | None:
        """The words that ask for a condition; None for a generator that is not prompted in words."""
        return None

    def available(self, condition: np.ndarray) -> int | None:
        """How many images exist already under a condition; None for a generator that makes as many as are asked for."""
        return None

    def walk(
        self, ends: tuple[np.ndarray, np.ndarray], seed: int, shares: Sequence[float], **options
    ) -> np.ndarray | None:
        """One patient on the way between two conditions: float32 (n, size, size) in 0..1, n the number of shares.

        The random numbers stay those of ``seed``. Share 0 gives the image of ``sample`` under the first condition, 1
        that under the second. None for a generator that knows no way between two conditions.
        """
        return None
