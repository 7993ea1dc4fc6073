"""Controls for what could have been decided differently, and the resulting main figures."""

import ipywidgets

from helpers.explore.controls import Several, gallery, labelled, one_of, say, sentence, slider
from helpers.explore.decisions import QUESTIONS, Decisions
from helpers.explore.picture import Picture
from helpers.explore.what_if import EXPLORATORY, WhatIf
from helpers.figures.style import finding_title
from helpers.stats.readings import UNDETERMINED
from helpers.tables import CONDITIONALITY


class WhatIfView(ipywidgets.VBox):
    """The decisions as controls, whether they match the plan, and the figures."""

    def __init__(self, what_if: WhatIf):
        self.what_if, planned, self._waits = what_if, what_if.planned, True
        self.rule = one_of(list(UNDETERMINED), planned.undetermined)
        self.margin = _margin("Margin of right answers, 0: none", planned.margin)
        self.area_margin = _margin("Margin of areas, 0: none", planned.area_margin)
        several = lambda values, label, titles=str: Several(  # noqa: E731
            {value: titles(value) for value in values}, label, self.follow
        )
        self.readers = several(planned.readers, "Readers")
        self.findings = several(planned.findings, "Findings", finding_title)
        self.groups = {name: several(levels, name.replace("_", " ").capitalize()) for name, levels in planned.groups}
        self.primary = several(what_if.questions(), "Primary questions", QUESTIONS.get)
        self.primary.choose(planned.primary)
        self.state = sentence("")
        self.back = ipywidgets.Button(description="Back to the plan")
        self.pictures = [Picture() for _ in what_if.figures(planned)]
        for control in (self.rule, self.margin, self.area_margin):
            control.observe(lambda _change: self.follow(), "value")
        self.back.on_click(lambda _button: self.restore())
        rule = labelled("“Cannot determine” counts", self.rule)
        of_right = [rule, self.margin] if set(what_if.tasks) - {CONDITIONALITY} else []
        of_areas = [self.area_margin] if CONDITIONALITY in what_if.tasks else []
        boxes = [self.readers, self.findings, *self.groups.values(), self.primary]
        bar = ipywidgets.HBox([self.back, self.state])
        super().__init__([*of_right, *of_areas, *boxes, bar, gallery(self.pictures)])
        self._waits = False
        self.follow()

    @property
    def decisions(self) -> Decisions:
        """The decisions set by the controls."""
        margins = (round(one.value, 10) or None for one in (self.margin, self.area_margin))
        groups = tuple((name, boxes.chosen) for name, boxes in self.groups.items())
        return Decisions(
            self.rule.value, *margins, self.readers.chosen, self.findings.chosen, groups, self.primary.chosen
        )

    def follow(self) -> None:
        """Draw the figures for these decisions."""
        if self._waits:
            return
        decisions = self.decisions
        is_other = bool(self.what_if.changed(decisions))
        say(self.state, self.what_if.statement(decisions), is_other)
        for picture, make in zip(self.pictures, self.what_if.figures(decisions), strict=True):
            made = make()
            picture.draw(made.drawing, made.title, made.note, EXPLORATORY if is_other else "")

    def restore(self) -> None:
        """Reset the controls to the planned decisions."""
        planned, self._waits = self.what_if.planned, True
        self.rule.value = planned.undetermined
        self.margin.value, self.area_margin.value = planned.margin or 0.0, planned.area_margin or 0.0
        self.readers.choose(planned.readers)
        self.findings.choose(planned.findings)
        self.primary.choose(planned.primary)
        for name, levels in planned.groups:
            self.groups[name].choose(levels)
        self._waits = False
        self.follow()


def _margin(label: str, planned: float | None) -> ipywidgets.Widget:
    return slider(label, planned or 0.0, 0.0, 0.3, 0.01)
