"""The calls of a notebook: a view that answers to the hand in JupyterLab, the same as pictures where a program runs."""

from collections.abc import Iterable, Mapping

import ipywidgets
from IPython.display import Markdown

from helpers.explore.case_view import CaseView
from helpers.explore.controls import gallery, sentence
from helpers.explore.figures import TRUTH_HIDDEN, Made, figures_of, heading_of
from helpers.explore.material import Material
from helpers.explore.picture import Picture
from helpers.explore.static import ASK, Page, cases_page, said, svg
from helpers.explore.what_if import WhatIf
from helpers.explore.what_if_view import WhatIfView
from helpers.figures.style import use_findings, use_style
from helpers.reading.where import is_opened_by_a_person


def begin(run: str | Material, truth: bool = False) -> Material:
    """What a run holds, with findings written as its study writes them."""
    material = run if isinstance(run, Material) else Material(run, truth)
    use_style()
    use_findings(material.findings)
    return material


def cases(run: str | Material, truth: bool = False, **chosen: Mapping):
    """Answers of a run beside their images: ``cases("quick", source=["gan"], answer=["wrong"])``.

    ``truth`` shows truth while people still read. Raises RunError where there is no such run.
    """
    material = begin(run, truth)
    if is_opened_by_a_person():
        return CaseView(material, chosen)
    return cases_page(material, chosen)


def figures(run: str | Material, to: CaseView | None = None, truth: bool = False):
    """The study's main figures; a click on a mark shows its answers in the case view ``to``, or in one of their own."""
    material = begin(run, truth)
    lacks = _no_readings(material)
    if lacks:
        return _told(material, *lacks)
    made = figures_of(material)
    if not is_opened_by_a_person():
        return Page(said(material.state, *material.lacks), *_drawn(made))
    view = to or CaseView(material)
    shown = []
    for one in made:
        shown.append(Picture(lambda pick: view.show(pick, heading_of(pick))))
        shown[-1].draw(one.drawing, one.title, one.note)
    state = [sentence(material.state, True)] if material.state else []
    return ipywidgets.VBox([*state, gallery(shown), *([] if to else [view])])


def what_if(run: str | Material, truth: bool = False):
    """The main figures under other decisions than the plan's, marked exploratory as soon as one differs."""
    material = begin(run, truth)
    lacks = _no_readings(material)
    if lacks:
        return _told(material, *lacks)
    asked = WhatIf(material)
    if is_opened_by_a_person():
        return WhatIfView(asked)
    drawn = [make() for make in asked.figures(asked.planned)]
    return Page(said(asked.statement(asked.planned)), *_drawn(drawn))


def _no_readings(material: Material) -> list[str]:
    """Why nothing can be told of readings; empty where it can."""
    if not material.tells_truth:
        return [material.state, TRUTH_HIDDEN]
    return [] if material.readings is not None else [*material.lacks, ASK]


def _told(material: Material, *sentences: str):
    """Sentences in place of a view."""
    return sentence(" ".join(sentences)) if is_opened_by_a_person() else Page(said(*sentences))


def _drawn(made: Iterable[Made]) -> list:
    return [part for one in made for part in (Markdown(f"**{one.title}**"), svg(one.drawing.svg), said(one.note))]
