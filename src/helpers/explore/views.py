"""The calls of a notebook: a view that answers to the hand in JupyterLab, the same as pictures where a program runs."""

from collections.abc import Mapping

from helpers.explore.case_view import CaseView
from helpers.explore.material import Material
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
    from helpers.explore.static import cases_page

    return cases_page(material, chosen)
