"""Clickable figures that are redrawn from what is filtered in another view."""

from collections.abc import Iterable, Iterator, Mapping

from helpers.explore.case_view import CaseView
from helpers.explore.figures import Made, figures_of, heading_of
from helpers.explore.link import Choice
from helpers.explore.material import Material
from helpers.explore.picture import Picture

FILTERED = "filtered"  # flag of a figure made from only some of the answers


class LinkedFigures:
    """``pictures`` of a run; a click on a mark shows those of its answers in ``view`` that pass the filters used to
    draw the figures."""

    def __init__(self, material: Material, made: Iterable[Made], view: CaseView):
        self.material, self.view, self.pictures = material, view, []
        self.filters: Mapping = {}
        for one in made:
            self.pictures.append(Picture(self.pick))
            self.pictures[-1].draw(one.drawing, one.title, one.note)
        material.link.join("figures", self.follow)

    def pick(self, pick: Mapping) -> None:
        """Show the answers behind a mark."""
        self.view.show({**self.filters, **pick}, heading_of(pick), is_mark=True)

    def follow(self, choice: Choice) -> Iterator[None]:
        """Redraw the figures from the answers that remain; a click on a mark leaves them as they are."""
        if choice.is_mark or choice.chosen == self.filters:
            return
        self.filters = choice.chosen
        flag = "" if choice.places is None else FILTERED
        for picture, one in zip(self.pictures, figures_of(self.material, choice.places), strict=True):
            picture.draw(one.drawing, one.title, one.note, flag)
            yield
