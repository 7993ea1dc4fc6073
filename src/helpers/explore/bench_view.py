"""Controls of the generators: findings, seed and options; the GAN follows the hand, diffusion shows its steps."""

import ipywidgets
import numpy as np

from helpers.errors import StudyError
from helpers.explore import drawing
from helpers.explore.bench import GeneratorBench
from helpers.explore.controls import one_of, slider
from helpers.explore.picture import Picture
from helpers.explore.screen import Screen
from helpers.figures.style import finding_title, source_title

STATES = [("absent", 0), ("not asked", -1), ("present", 1)]
RANGES = {  # label, lowest, highest, step
    "truncation": ("Truncation psi", 0.0, 1.0, 0.05),
    "emphasis": ("Emphasis", 0.0, 6.0, 0.25),
    "guidance": ("Guidance", 0.0, 10.0, 0.5),
    "steps": ("Steps", 1, 50, 1),
}
SEEN = "What the classifier sees"


class BenchView(ipywidgets.VBox):
    """Controls, the image, and the classifier's probabilities. A source that takes steps waits for *Draw*."""

    def __init__(self, bench: GeneratorBench):
        self.bench = bench
        sources = list(bench.specs)
        titles = [(source_title(source), source) for source in sources]
        self.source = one_of("Source", titles, sources[0])
        names = bench.material.findings.names
        self.states = {name: one_of(finding_title(name), STATES, 1 if name == names[0] else -1) for name in names}
        self.seed = slider("Seed", 1, 1, 1000, 1)
        self.sliders = {name: slider(label, low, low, high, step) for name, (label, low, high, step) in RANGES.items()}
        self.button = ipywidgets.Button(description="Draw", button_style="primary")
        self.screen, self.seen = Screen(), Picture()
        self.image: np.ndarray | None = None
        self._waits = False
        for control in (*self.states.values(), self.seed, *self.sliders.values()):
            control.observe(lambda _change: self.follow(), "value")
        self.source.observe(lambda _change: self.choose(), "value")
        self.button.on_click(lambda _button: self.draw())
        left = ipywidgets.VBox([*self.states.values(), self.seed, *self.sliders.values(), self.button, self.seen])
        shown = ipywidgets.HBox([left, self.screen], layout={"flex_flow": "row wrap", "grid_gap": "10px"})
        super().__init__([self.source, shown])
        self.choose()

    def choose(self) -> None:
        """Show the controls of the chosen source with the values that the run drew with."""
        options, self._waits = self.bench.options(self.source.value), True
        for name, control in self.sliders.items():
            control.layout.display = None if name in options else "none"
            if name in options:
                control.value = options[name]
        self.button.layout.display = "none" if self.bench.is_fast(self.source.value) else None
        self._waits = False
        self.follow()

    def follow(self) -> None:
        """Draw at once where that is fast; otherwise say that the image waits for the button."""
        if self._waits:
            return
        if self.bench.is_fast(self.source.value):
            self.draw()
        elif self.image is not None:
            self.screen.show([self.image], told="Press Draw for an image with these settings.")

    def draw(self) -> None:
        """Draw the image that the controls ask for, and what the classifier sees in it."""
        source = self.source.value
        options = self.bench.options(source)
        options |= {name: control.value for name, control in self.sliders.items() if name in options}
        states = {name: control.value for name, control in self.states.items()}
        total = options.get("steps")

        def step(done: int, image: np.ndarray) -> None:
            self.screen.show([image], told=f"Step {done} of about {total}")

        try:
            self.image = self.bench.draw(source, states, self.seed.value, options, step)
        except StudyError as error:
            self.screen.show([], told=str(error))
            return
        told = ", ".join(f"{name} {value}" for name, value in options.items())
        self.screen.show([self.image], told=f"{source_title(source)}, seed {self.seed.value}, {told}")
        seen = {finding_title(name): share for name, share in self.bench.seen(self.image).items()}
        note = "At equal odds." if seen else "This run has no classifier yet: run notebooks/05_image_metrics.ipynb."
        self.seen.draw(drawing.bars(seen, "Probability"), SEEN, note)
