"""The calls of a notebook: a view that answers to the hand in JupyterLab, the same as pictures where a program runs."""

from collections.abc import Mapping

import ipywidgets
from IPython.display import Markdown

from helpers.explore.case_view import CaseView
from helpers.explore.figures import TRUTH_HIDDEN, figures_of, heading_of
from helpers.explore.material import Material
from helpers.explore.picture import Picture
from helpers.explore.static import Page, cases_page, said, svg
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
    made = figures_of(material)
    lacks = [TRUTH_HIDDEN] if not material.tells_truth else []
    if not is_opened_by_a_person():
        drawn = [part for one in made for part in (Markdown(f"**{one.title}**"), svg(one.drawing.svg), said(one.note))]
        return Page(said(material.state, *lacks, *material.lacks), *drawn)
    view = to or CaseView(material)
    shown = []
    for one in made:
        picture = Picture(lambda pick: view.show(pick, heading_of(pick)))
        picture.draw(one.drawing, one.title, one.note)
        shown.append(picture)
    gallery = ipywidgets.Box(shown, layout={"flex_flow": "row wrap", "grid_gap": "8px"})
    parts = [ipywidgets.HTML(f"<p>{text}</p>") for text in [material.state, *lacks] if text]
    return ipywidgets.VBox([*parts, gallery, *([] if to else [view])])
