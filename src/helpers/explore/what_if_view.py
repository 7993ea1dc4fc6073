"""Controls for what could have been decided otherwise, and the main figures that follow."""

import ipywidgets

from helpers.explore.controls import Several, gallery, one_of, say, sentence, slider
from helpers.explore.picture import Picture
from helpers.explore.what_if import EXPLORATORY, Decisions, WhatIf
from helpers.figures.style import finding_title
from helpers.stats.readings import UNDETERMINED


class WhatIfView(ipywidgets.VBox):
    """The decisions as controls, whether they are those of the plan, and the figures."""

    def __init__(self, what_if: WhatIf):
        self.what_if, planned = what_if, what_if.planned
        self.rule = one_of("“Cannot determine” counts", list(UNDETERMINED), planned.undetermined)
        self.margin = slider("Margin (0: none)", planned.margin or 0.0, 0.0, 0.3, 0.01)
        self.readers = Several({name: name for name in planned.readers}, "Readers", self.follow)
        self.findings = Several({name: finding_title(name) for name in planned.findings}, "Findings", self.follow)
        self.state = sentence("")
        self.back = ipywidgets.Button(description="Back to the plan")
        self.pictures = [Picture() for _ in what_if.figures(planned)]
        self._waits = False
        for control in (self.rule, self.margin):
            control.observe(lambda _change: self.follow(), "value")
        self.back.on_click(lambda _button: self.restore())
        controls = [self.rule, self.margin, self.readers, self.findings, ipywidgets.HBox([self.back, self.state])]
        super().__init__([*controls, gallery(self.pictures)])
        self.follow()

    @property
    def decisions(self) -> Decisions:
        """What the controls say."""
        margin = round(self.margin.value, 10) or None
        return Decisions(self.rule.value, margin, self.readers.chosen, self.findings.chosen)

    def follow(self) -> None:
        """Draw what follows from the controls."""
        if self._waits:
            return
        decisions = self.decisions
        is_other = bool(self.what_if.changed(decisions))
        say(self.state, self.what_if.statement(decisions), is_other)
        for picture, make in zip(self.pictures, self.what_if.figures(decisions), strict=True):
            made = make()
            picture.draw(made.drawing, made.title, made.note, EXPLORATORY if is_other else "")

    def restore(self) -> None:
        """Set the controls as planned."""
        planned, self._waits = self.what_if.planned, True
        self.rule.value, self.margin.value = planned.undetermined, planned.margin or 0.0
        for box in (*self.readers.boxes.values(), *self.findings.boxes.values()):
            box.value = True
        self._waits = False
        self.follow()
