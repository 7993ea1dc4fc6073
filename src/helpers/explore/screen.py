"""Images on the reading room's dark viewer, and nothing else."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.explore.talking import Talking, script, style


class Screen(Talking):
    """Shows images side by side; ``told`` is the line of text below them."""

    _esm = script("screen.js")
    _css = style()

    def __init__(self):
        super().__init__()
        self.images, self.names, self.told = [], [], ""

    def show(self, images: Sequence[np.ndarray], names: Sequence[str] = (), told: str = "") -> None:
        """Show images of the same size, uint8 (height, width), and a line of text below them."""
        self.images, self.names, self.told = list(images), list(names) or [""] * len(images), told
        self.do_open({})

    def do_open(self, _message: Mapping) -> None:
        """Send what is shown."""
        if not self.images:
            self.send({"is": "images", "names": [], "told": self.told})
            return
        height, width = self.images[0].shape
        size = {"width": width, "height": height, "bits": 8}
        pixels = [np.ascontiguousarray(image).tobytes() for image in self.images]
        self.send({"is": "images", "names": self.names, "told": self.told} | size, pixels)
