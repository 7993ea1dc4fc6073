"""Features cached on disk, keyed by the images, the extractor and the code that computed them."""

import hashlib
from pathlib import Path

import numpy as np

from helpers.dependencies import code_of
from helpers.files import DAMAGED_ZIP, atomic_write
from helpers.image_metrics.features import FeatureExtractor
from helpers.image_metrics.images import CHUNK, features_of


class FeatureCache:
    """Cached features of sets of images in one folder, one file per set and extractor.

    A change of images, their order, extractor or code leads to another file, so stale features are never read;
    ``prune`` removes files that were not requested.
    """

    def __init__(self, folder: str | Path):
        self.folder, self.asked = Path(folder), set()

    def features(self, extractor: FeatureExtractor, images: np.ndarray) -> np.ndarray:
        """Features of uint8 images (n, size, size): float64 (n, d); computed if not cached."""
        code = code_of("helpers.image_metrics.images", "helpers.image_metrics.extractors")
        digest = hashlib.sha256(f"{code} {extractor.sha256} {images.dtype} {images.shape}".encode())
        for start in range(0, len(images), CHUNK):
            digest.update(np.ascontiguousarray(images[start : start + CHUNK]))
        path = self.folder / f"{digest.hexdigest()}.npz"
        self.asked.add(path)
        try:
            with np.load(path) as kept:  # an archive, whose checksum is verified
                return kept["features"]
        except DAMAGED_ZIP:  # missing or damaged
            features = features_of(extractor, images)
        with atomic_write(path) as temporary, open(temporary, "wb") as file:
            np.savez(file, features=features)
        return features

    def prune(self) -> None:
        """Remove features of images or extractors that were not requested since this object was made."""
        for path in self.folder.glob("*.np[yz]"):
            if path not in self.asked:
                path.unlink()
