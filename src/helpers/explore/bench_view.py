"""Controls of the generators: findings or words, seed and options; a GAN redraws at once, diffusion shows its steps.

A source prompted in words has a field for them, which is filled from the findings and can be edited, and one for other
words: the two are drawn from the same seed, side by side. A given share of a second seed can be mixed into the first,
and a requested finding can be made stronger or weaker while everything else stays the same.
"""

import random
import time

import ipywidgets
import numpy as np

from helpers.errors import StudyError
from helpers.explore import drawing
from helpers.explore.controls import field, labelled, one_of, slider
from helpers.explore.generator_bench import GeneratorBench
from helpers.explore.picture import Picture
from helpers.explore.screen import Screen
from helpers.figures.style import finding_title, source_title
from helpers.generators.between import Between

STATES = [("absent", 0), ("not asked", -1), ("present", 1)]
RANGES = {  # label, lowest, highest, step
    "truncation": ("Truncation psi", 0.0, 1.0, 0.05),
    "emphasis": ("Emphasis", 0.0, 6.0, 0.25),
    "guidance": ("Guidance", 0.0, 10.0, 0.5),
    "steps": ("Steps", 1, 50, 1),
}
SEEN = "What the classifier sees"
SEEDS = 1000
SOON = 4.0  # seconds; a source whose last image took longer waits for the button


class BenchView(ipywidgets.VBox):
    """Controls, the image, and the classifier's probabilities. A slow source waits for *Draw*."""

    def __init__(self, bench: GeneratorBench):
        self.bench = bench
        sources = list(bench.specs)
        self.source = one_of([(source_title(source), source) for source in sources], sources[0])
        names = bench.material.findings.names
        self.states = {name: one_of(STATES, 1 if name == names[0] else -1) for name in names}
        self.seed, self.second = slider("Seed", 1, 1, SEEDS, 1), slider("Second seed", 2, 1, SEEDS, 1)
        self.mix = slider("Share of the second seed", 0.0, 0.0, 1.0, 0.05)
        titles = [(finding_title(name), name) for name in names]
        self.more_of = ipywidgets.Dropdown(options=titles, layout={"width": "240px"})
        self.more = slider("How much (1: as asked)", 1.0, 0.0, 2.0, 0.1)
        self.sliders = {name: slider(label, low, low, high, step) for name, (label, low, high, step) in RANGES.items()}
        self.words, self.other = field("Words"), field("Other words, beside")
        self.another = ipywidgets.Button(description="Another seed")
        self.button = ipywidgets.Button(description="Draw", button_style="primary")
        self.screen, self.seen = Screen(), Picture()
        self.images: list[np.ndarray] = []
        self._waits, self._spent = False, dict.fromkeys(sources, 0.0)
        self._listen()
        super().__init__([ipywidgets.HBox(self._panels(), layout={"flex_flow": "row wrap", "grid_gap": "10px"})])
        self.choose()

    @property
    def _drawn_by(self) -> tuple[ipywidgets.Widget, ...]:
        """What an image depends on besides findings and words."""
        return self.seed, self.second, self.mix, self.more_of, self.more, *self.sliders.values()

    def _listen(self) -> None:
        for control in self.states.values():
            control.observe(lambda _change: self.ask(), "value")
        for control in (*self._drawn_by, self.words, self.other):
            control.observe(lambda _change: self.follow(), "value")
        self.source.observe(lambda _change: self.choose(), "value")
        self.another.on_click(lambda _button: setattr(self.seed, "value", random.randint(1, SEEDS)))
        self.button.on_click(lambda _button: self.draw())

    def _panels(self) -> list[ipywidgets.Widget]:
        """The requests on the left; the image, and what the classifier sees in it, on the right."""
        findings = [labelled(finding_title(name), control) for name, control in self.states.items()]
        more = [labelled("More or less of", self.more_of), self.more]
        seeds = [self.seed, labelled("", self.another), self.second, self.mix]
        asked = [labelled("Source", self.source), *findings, self.words, self.other, *more, *seeds]
        left = ipywidgets.VBox([*asked, *self.sliders.values(), labelled("", self.button)])
        return [left, ipywidgets.VBox([self.screen, self.seen])]

    def choose(self) -> None:
        """Show the controls of the chosen source, set to the values used in the run, and its image."""
        source, self._waits = self.source.value, True
        options = self.bench.options(source)
        for name, control in self.sliders.items():
            control.layout.display = None if name in options else "none"
            if name in options:
                control.value = options[name]
        for control in (self.words, self.other):
            control.layout.display = None if self.bench.is_told_in_words(source) else "none"
        self.screen.show([], told=f"{source_title(source)} is loaded …")
        self.ask()

    def ask(self) -> None:
        """Put the requested findings into words if the source is prompted in words, and draw."""
        source, self._waits = self.source.value, True
        try:
            if self.bench.is_told_in_words(source):
                self.words.value = self.bench.words(source, self._asked())
        except StudyError as error:
            self.screen.show([], told=str(error))
            return
        finally:
            self._waits = False
        self.follow()

    def _asked(self) -> dict[str, int]:
        return {name: control.value for name, control in self.states.items()}

    def follow(self) -> None:
        """Draw at once if the last image was quick; otherwise say that the image will be drawn on request."""
        if self._waits:
            return
        is_soon = self._spent[self.source.value] < SOON
        self.button.layout.display = "none" if is_soon else None
        if is_soon:
            self.draw()
        else:
            self.screen.show(self.images, told="Press Draw for an image with these settings.")

    def draw(self) -> None:
        """Draw the requested image, beside it the one for the other words, and show what the classifier sees."""
        source = self.source.value
        options = self.bench.options(source)
        options |= {name: control.value for name, control in self.sliders.items() if name in options}
        in_words = self.bench.is_told_in_words(source)
        more = (self.more_of.value, self.more.value) if self.more.value != 1 else None
        if in_words and not more:
            wanted = [text for text in (self.words.value, self.other.value) if text]
        else:  # the amount is set through the findings: words only say whether one is present
            wanted = [self._asked()]
        if not wanted:
            self.screen.show([], told="Write what to draw, or ask for a finding.")
            return
        total, drawn, began = options.get("steps"), [], time.monotonic()
        names = ["Words", "Other words"] if len(wanted) > 1 else [""]

        def step(done: int, image: np.ndarray) -> None:
            self.screen.show([*drawn, image], names, f"Step {done} of about {total}")

        try:
            for asked in wanted:
                drawn.append(self.bench.draw(source, asked, self._seed(), options, step, more))
        except StudyError as error:
            self.screen.show([], told=str(error))
            return
        self.images, self._spent[source] = drawn, time.monotonic() - began
        told = [f"{source_title(source)}, seed {self.seed.value}"]
        told += [f"{self.mix.value:.0%} of seed {self.second.value}"] if self.mix.value else []
        told += [f"{more[1]:g} × {finding_title(more[0]).lower()}"] if more else []
        told += [f"{name} {value:g}" for name, value in options.items()]
        self.screen.show(drawn, names, ", ".join(told))
        self._show_seen(names)

    def _seed(self) -> int | Between:
        """The seed, or the position between two seeds."""
        if not self.mix.value:
            return self.seed.value
        return Between(self.seed.value, self.second.value, self.mix.value)

    def _show_seen(self, names: list[str]) -> None:
        """Show what the classifier sees in each image; for two images, side by side in one figure."""
        found = [self.bench.seen(image) for image in self.images]
        seen = {}
        for name in found[0]:
            for of, one in zip(names, found, strict=True):
                seen[finding_title(name) + (f", {of.lower()}" if of else "")] = one[name]
        odds = "As if each finding were present in half of all images."
        note = odds if seen else "This run has no classifier yet: run notebooks/05_image_metrics.ipynb."
        self.seen.draw(drawing.bars(seen, "Probability"), SEEN, note)
