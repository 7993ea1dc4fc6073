"""A canvas for SVG drawings whose marks can be clicked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

import numpy as np

GREY, TEXT, PALE = "#8a8f95", "#22262a", "#eef0f2"


@dataclass(frozen=True)
class Drawing:
    """An SVG, and what a click on a mark picks: the ``data-pick`` of a mark is an index into ``picks``."""

    svg: str
    picks: tuple[Mapping, ...] = ()


class Canvas:
    """Collects the marks of one drawing; the size is given at the end."""

    def __init__(self):
        self.marks: list[str] = []
        self.picks: list[Mapping] = []

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str = GREY, width: float = 1, more="") -> None:
        """A straight line."""
        ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        self.marks.append(f'<line {ends} stroke="{colour}" stroke-width="{width}" {more}/>')

    def text(
        self,
        x: float,
        y: float,
        words: str,
        anchor: str = "start",
        size: float = 12,
        colour: str = TEXT,
        more: str = "",
    ) -> None:
        """Text with its baseline at y."""
        place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}" {more}'
        self.marks.append(f"<text {place}>{escape(words)}</text>")

    def box(self, x: float, y: float, width: float, height: float, colour: str, more: str = "") -> None:
        """A filled box."""
        size = f'x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}"'
        self.marks.append(f'<rect {size} fill="{colour}" {more}/>')

    def dot(self, x: float, y: float, colour: str, radius: float = 5) -> None:
        """A filled circle."""
        self.marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}"/>')

    def path(self, points: Iterable[tuple[float, float]], colour: str, width: float, more: str = "") -> None:
        """A line through points."""
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.marks.append(f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="{width}" {more}/>')

    def begin(self, pick: Mapping | None, words: str) -> None:
        """Start a group of marks, up to ``end``, that is clicked as one and is described by ``words``."""
        if pick is None:
            self.marks.append("<g>")
            return
        named = f'data-pick="{len(self.picks)}" tabindex="0" role="button" aria-label="{escape(words)}"'
        self.marks.append(f"<g {named}><title>{escape(words)}</title>")
        self.picks.append(pick)

    def end(self) -> None:
        """End the group that ``begin`` started."""
        self.marks.append("</g>")

    def drawn(self, width: float, height: float) -> Drawing:
        """The drawing on a white background, of this width and height in pixels."""
        size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
        font = 'font-family="system-ui, Segoe UI, Roboto, DejaVu Sans, sans-serif"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}><rect width="100%" height="100%" fill="#fff"/>'
        return Drawing(f"{head}{''.join(self.marks)}</svg>", tuple(self.picks))


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers from ``low`` to ``high``, about ``most`` of them.

    >>> ticks(0, 1), ticks(-0.13, 0.21)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [-0.1, 0.0, 0.1, 0.2])
    """
    rough = (high - low) / most
    power = 10 ** np.floor(np.log10(rough))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= rough - 1e-12)
    return [
        round(float(n * step), 10) + 0.0 for n in range(int(np.ceil(low / step - 1e-9)), int(high / step + 1e-9) + 1)
    ]
