"""Power and size of the next study for varying readers, cases and variances, by the closed forms of ``stats``."""

from dataclasses import dataclass, replace

import ipywidgets
import numpy as np

from helpers.errors import StatisticsError
from helpers.explore import drawing
from helpers.explore.canvas import Drawing
from helpers.explore.controls import labelled, one_of, sentence, slider
from helpers.explore.material import Material
from helpers.explore.picture import Picture
from helpers.figures.style import source_title
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.mrmc.pilot import Pilot, pilot_of_areas
from helpers.stats.mrmc.sample_size import Plan, cases_needed, power
from helpers.stats.readings import analysed, source_order
from helpers.tables import CONDITIONALITY

# Van Dyke's study, as published: Hillis, Obuchowski and Berbaum 2011, Academic Radiology 18:129.
PUBLISHED = Pilot(114, 0.00080229, 0.00034661, 0.00034407, 0.00023903, 0.00020040)
READERS = np.arange(2, 41)
TITLE = "Power to find a difference in area under the ROC curve"


@dataclass(frozen=True)
class Asked:
    """A planned study. ``cases`` is the number for each source; ``reader_factor`` multiplies the pilot's reader
    variances, ``case_factor`` its error variance and covariances."""

    readers: int = 8
    cases: int = 100
    difference: float = 0.05
    reader_factor: float = 1.0
    case_factor: float = 1.0
    target: float = 0.8
    conclusion: str = LIKE


def pilot_of(material: Material | None) -> tuple[Pilot, str]:
    """Variance components of a run's conditionality readings, or published ones if it has none, and which they are."""
    try:
        if material is None or material.readings is None or not material.tells_truth:
            raise StatisticsError("there are no readings that may be looked at")
        rows = analysed(material.readings, CONDITIONALITY)
        pair = source_order(rows["source"])[:2]
        return pilot_of_areas(rows, pair), f"Pilot: this run, {' and '.join(map(source_title, pair))}."
    except StatisticsError as error:
        return PUBLISHED, f"Pilot: Van Dyke’s published study, as of this run {error}."


def scaled(pilot: Pilot, asked: Asked) -> Pilot:
    """A pilot with its variances multiplied as asked."""
    of_cases = {name: getattr(pilot, name) * asked.case_factor for name in ("error", "cov1", "cov2", "cov3")}
    of_readers = {name: getattr(pilot, name) * asked.reader_factor for name in ("treatment_reader", "reader")}
    return replace(pilot, **of_cases, **of_readers)


def planned(pilot: Pilot, asked: Asked) -> tuple[Drawing, str]:
    """Power against the number of readers for half, the same and twice the cases, and a sentence on what is needed."""
    known, plan = scaled(pilot, asked), Plan(conclusion=asked.conclusion)
    lines = {}
    for cases in (max(2, asked.cases // 2), asked.cases, 2 * asked.cases):
        lines[f"{cases} cases"] = (READERS, power(known, asked.difference, READERS, cases, plan))
    own = float(power(known, asked.difference, asked.readers, asked.cases, plan))
    drawn = drawing.curves(lines, ("Readers", "Power"), (asked.readers, own), asked.target)
    needed = cases_needed(known, asked.difference, [asked.readers], plan, asked.target).iloc[0]
    size = f"{needed['cases']:.0f} cases of each source" if needed["cases"] == needed["cases"] else needed["note"]
    said = f"{asked.readers} readers, {asked.cases} cases of each source: power {own:.2f}, for {asked.conclusion}. "
    return drawn, f"{said}Power {asked.target:.2f} with {asked.readers} readers: {size}."


class PlannerView(ipywidgets.HBox):
    """Sliders for a study, and its power, updated at once."""

    def __init__(self, pilot: Pilot, origin: str):
        self.pilot = pilot
        start = Asked(cases=int(np.clip(pilot.cases, 10, 500)))
        self.controls = {
            "readers": slider("Readers", start.readers, 2, 40, 1),
            "cases": slider("Cases of each source", start.cases, 10, 500, 1),
            "difference": slider("Difference of areas", start.difference, 0.01, 0.3, 0.01),
            "reader_factor": slider("Variance of readers × pilot", 1.0, 0.0, 4.0, 0.1),
            "case_factor": slider("Variance of cases × pilot", 1.0, 0.1, 4.0, 0.1),
            "target": slider("Power wanted", start.target, 0.5, 0.95, 0.01),
            "conclusion": one_of([LIKE, THESE], LIKE),
        }
        self.picture = Picture()
        for control in self.controls.values():
            control.observe(lambda _change: self.follow(), "value")
        *sliders, conclusion = self.controls.values()
        left = ipywidgets.VBox([*sliders, labelled("For", conclusion), sentence(origin)])
        super().__init__([left, self.picture], layout={"flex_flow": "row wrap", "grid_gap": "10px"})
        self.follow()

    def follow(self) -> None:
        """Draw the power of the study set by the sliders."""
        asked = Asked(**{name: control.value for name, control in self.controls.items()})
        self.picture.draw(*_titled(planned(self.pilot, asked)))


def _titled(found: tuple[Drawing, str]) -> tuple[Drawing, str, str]:
    return found[0], TITLE, found[1]
