"""The calls for a notebook: an interactive view in JupyterLab, or the same as pictures if a program runs it."""

from collections.abc import Iterable, Mapping

import ipywidgets
from IPython.display import Markdown

from helpers.errors import StudyError
from helpers.explore.case_view import CaseView
from helpers.explore.controls import gallery, sentence
from helpers.explore.figures import TRUTH_HIDDEN, Made, figures_of
from helpers.explore.linked_figures import LinkedFigures
from helpers.explore.material import Material
from helpers.explore.picture import Picture
from helpers.explore.planner import TITLE, Asked, PlannerView, pilot_of, planned
from helpers.explore.runs import side_by_side_of
from helpers.explore.static import ASK, Page, atlas_figure, bench_page, cases_page, said, svg
from helpers.explore.what_if import WhatIf
from helpers.explore.what_if_view import WhatIfView
from helpers.figures.style import use_findings, use_style
from helpers.reading.where import is_opened_by_a_person
from helpers.sweep import runs_of_sweep

UNREADABLE = (StudyError, OSError, ValueError, KeyError)  # what a damaged file can raise
NO_SEEDS = "None of this run's sources takes findings and a seed: images exist already, or are asked for in words."


def open_run(run: str | Material, truth: bool = False) -> Material:
    """The material of a run, with findings named as in its study."""
    material = run if isinstance(run, Material) else Material(run, truth)
    use_style()
    use_findings(material.findings)
    return material


def cases(run: str | Material, truth: bool = False, **chosen: Mapping):
    """Answers of a run beside their images: ``cases("quick", source=["gan"], answer=["wrong"])``.

    ``truth`` shows truth while people are still reading. Raises RunError if there is no such run.
    """
    material = open_run(run, truth)
    if is_opened_by_a_person():
        return CaseView(material, chosen)
    return cases_page(material, chosen)


def figures(run: str | Material, to: CaseView | None = None, truth: bool = False):
    """The study's main figures; a click on a mark shows its answers in the case view ``to``, or in one of its own.

    Filters set there, or in another view of the same ``open_run``, redraw the figures.
    """
    material = open_run(run, truth)
    lacks = _no_readings(material)
    if lacks:
        return _told(material, *lacks)
    made = figures_of(material)
    if not is_opened_by_a_person():
        return Page(said(material.state, *material.lacks), *_drawn(made))
    view = to or CaseView(material, name="cases of figures")
    shown = LinkedFigures(material, made, view)
    state = [sentence(material.state, True)] if material.state else []
    return ipywidgets.VBox([*state, gallery(shown.pictures), *([] if to else [view])])


def what_if(run: str | Material, truth: bool = False):
    """The main figures under decisions other than the plan's, marked exploratory as soon as one differs."""
    material = open_run(run, truth)
    lacks = _no_readings(material)
    if lacks:
        return _told(material, *lacks)
    asked = WhatIf(material)
    if is_opened_by_a_person():
        return WhatIfView(asked)
    drawn = [make() for make in asked.figures(asked.planned)]
    return Page(said(asked.statement(asked.planned)), *_drawn(drawn))


def _no_readings(material: Material) -> list[str]:
    """Why nothing can be shown about readings; empty if it can."""
    if not material.tells_truth:
        return [material.state, TRUTH_HIDDEN]
    return [] if material.readings is not None else [*material.lacks, ASK]


def _lacking(materials: Iterable[Material]) -> list[str]:
    """Which runs lack readings and why: one sentence for all runs with the same reason."""
    names = {}
    for material in materials:
        names.setdefault(" ".join(_no_readings(material)), []).append(material.run.name)
    return [f"{', '.join(runs)}: {why}" for why, runs in names.items() if why]


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, StudyError) else f"A file of this run cannot be read: {error}"


def _told(material: Material, *sentences: str):
    """Sentences instead of a view."""
    return sentence(" ".join(sentences)) if is_opened_by_a_person() else Page(said(*sentences))


def _drawn(made: Iterable[Made]) -> list:
    return [part for one in made for part in (Markdown(f"**{one.title}**"), svg(one.drawing.svg), said(one.note))]


def bench(run: str | Material):
    """The run's generators with controls for findings, seed and options, and what its classifier sees."""
    from helpers.explore.bench_view import BenchView
    from helpers.explore.generator_bench import GeneratorBench  # networks take seconds to import

    material = open_run(run)
    try:
        own = GeneratorBench(material)
        if not own.specs:
            return _told(material, NO_SEEDS)
        return BenchView(own) if is_opened_by_a_person() else bench_page(own)
    except UNREADABLE as error:
        return _told(material, _why(error))


def atlas(run: str | Material, to: CaseView | None = None, truth: bool = False, extractor: str = "classifier"):
    """All images of a run laid out by the features of its classifier, or of any other ``extractor`` that
    ``image_metrics.extractors.load_extractor`` takes. The answers to a lasso's images appear in the case view; images
    filtered there are highlighted.
    """
    from helpers.explore.atlas_view import AtlasView
    from helpers.explore.feature_atlas import atlas_of  # networks take seconds to import

    material = open_run(run, truth)
    try:
        found = atlas_of(material, extractor)
    except UNREADABLE as error:
        return _told(material, _why(error))
    if not is_opened_by_a_person():
        return Page(said(material.state), atlas_figure(found))
    view = to or CaseView(material, name="cases of the atlas")
    return ipywidgets.VBox([AtlasView(found, material, view), *([] if to else [view])])


def plan_study(run: str | Material | None = None):
    """Power and size of the next study, from the variances of a run's readings, or from published ones."""
    pilot, origin = pilot_of(open_run(run) if run is not None else None)
    if is_opened_by_a_person():
        return PlannerView(pilot, origin)
    asked = Asked(cases=round(pilot.cases))
    drawn, told = planned(pilot, asked)
    return Page(*_drawn([Made(TITLE, drawn, f"{told} {origin}")]))


def side_by_side(*runs: str | Material):
    """Two or more runs on common axes, and their differences; the name of a sweep stands for all its runs.

    Raises RunError for a run that does not exist.
    """
    each = [name for run in runs for name in (isinstance(run, str) and runs_of_sweep(run)) or [run]]
    materials = [open_run(run) for run in each]
    lacking = _lacking(materials)
    made = list(side_by_side_of(materials))
    if not is_opened_by_a_person():
        return Page(said(*lacking), *_drawn(made))
    shown = []
    for one in made:
        shown.append(Picture())
        shown[-1].draw(one.drawing, one.title, one.note)
    return ipywidgets.VBox([*map(sentence, lacking), gallery(shown)])
