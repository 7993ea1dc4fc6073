"""The pixels of the display images, as bytes that reveal nothing to a browser but what is visible."""

from collections import OrderedDict
from pathlib import Path
from threading import Lock

import numpy as np
import pandas as pd
from PIL import Image, UnidentifiedImageError

from helpers.errors import ImageError, TableError
from helpers.raw_tables import read_raw
from helpers.study.settings import ENLARGE_AT_MOST

DEPTHS = {"L": "u1", "I;16": "<u2"}  # Pillow's modes for 8- and 16-bit gray, and the types that a browser gets

KEPT_BYTES = 256 * 2**20  # of pixels, for all readers together; decoding a file takes longer than sending it


class Pictures:
    """Display images of a plan folder (``display.csv``: image_id, file relative to the folder).

    ``enlarge_at_most``: most CSS pixels per image pixel when an image is fitted to the screen, the same for every
    image. Raises TableError if ``display.csv`` is missing or lacks a column.
    """

    def __init__(self, plan_folder: str | Path, enlarge_at_most: float = ENLARGE_AT_MOST):
        self.folder, self.enlarge_at_most = Path(plan_folder), enlarge_at_most
        table: pd.DataFrame = read_raw(Path(plan_folder) / "display.csv")
        for column in ("image_id", "file"):
            if column not in table:
                raise TableError(f"{plan_folder}/display.csv: column {column!r} is missing; run 06_study_plan again")
        self._files = dict(zip(table.image_id, table.file, strict=True))
        self._kept: OrderedDict[str, np.ndarray] = OrderedDict()  # readers see the same images, each in another order
        self._lock = Lock()

    def pixels(self, image_id: str) -> np.ndarray:
        """Pixels of one image: uint8 or little-endian uint16, shape (height, width).

        Raises ImageError if the image is not among the display images, cannot be read or is not 8- or 16-bit gray.
        """
        with self._lock:
            if image_id in self._kept:
                self._kept.move_to_end(image_id)
                return self._kept[image_id]
        pixels = self._read(image_id)
        with self._lock:
            self._kept[image_id] = pixels
            while sum(kept.nbytes for kept in self._kept.values()) > KEPT_BYTES:
                self._kept.popitem(last=False)
        return pixels

    def _read(self, image_id: str) -> np.ndarray:
        if image_id not in self._files:
            raise ImageError(f"image {image_id!r} is not in display.csv; run 06_study_plan again")
        path = self.folder / self._files[image_id]
        try:
            with Image.open(path) as image:
                if image.mode not in DEPTHS:
                    raise ImageError(f"{path}: a display image is gray of 8 or 16 bits, this one is {image.mode}")
                return np.asarray(image).astype(DEPTHS[image.mode])
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
            raise ImageError(f"{path}: cannot be read ({error}); run 06_study_plan again") from error
