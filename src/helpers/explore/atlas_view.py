"""The atlas as a scatter plot: colours, a thumbnail under the pointer, and a lasso that compares and selects images."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.explore.case_view import CaseView, thumbnail
from helpers.explore.feature_atlas import COLOURS, Atlas, atlas_of, compared, extractors_of
from helpers.explore.link import Choice
from helpers.explore.material import Material
from helpers.explore.talking import Talking, script, style
from helpers.figures.style import OTHER_COLOURS, finding_title, source_colours, source_title
from helpers.tables import REAL

LARGE = 160  # pixels of a thumbnail
RAMP = ("#8C510A", "#D8B365", "#9a9a9a", "#80CDC1", "#01665E")  # from wrong to right, as in figures.realism
NO_WORDS = "no words"
NOT_READ, ON_DARK = "#55595e", "#eeeeee"  # the latter for real images: black is invisible on a dark background


class AtlasView(Talking):
    """Sends the points as binary messages; a thumbnail is sent only for the point under the pointer.

    The answers to the images inside a lasso appear in ``view``; images chosen in another view are highlighted here. The
    browser sends open, hover, lasso and layout (by another extractor); it receives points, colours, brushed, thumbnail,
    compared and trouble.
    """

    _esm = script("atlas.js")
    _css = style()

    def __init__(self, atlas: Atlas, material: Material, view: CaseView):
        super().__init__()
        self.atlas, self.material, self.view = atlas, material, view
        self.lasso: list[str] = []
        self.extractors = extractors_of(material)
        material.link.join("atlas", self.follow)

    def do_layout(self, message: Mapping) -> None:
        """Lay out the images by the features of another extractor."""
        self.atlas = atlas_of(self.material, message["by"])
        self.do_open({})

    def do_open(self, _message: Mapping) -> None:
        """Send the points, and their colours by each available variable."""
        points = self.atlas.points
        colours, buffers = [], [points[["x", "y"]].to_numpy(dtype="<f4").tobytes()]
        names = [name for name in COLOURS if points[name].notna().any()]
        for name in names if self.material.tells_truth else []:
            codes, key = coded(points, name)
            colours.append({"name": name, "title": COLOURS[name], "key": key})
            buffers.append(codes.astype("u1").tobytes())
        note = f"{len(points)} images; the two axes hold {self.atlas.explained:.0%} of the variance of their features."
        told = {"colours": colours, "extractors": self.extractors, "extractor": self.atlas.extractor}
        self.send({"is": "points", "count": len(points), "note": note} | told, buffers)

    def follow(self, choice: Choice) -> Iterator[None]:
        """Highlight the images chosen in another view; those of a lasso are highlighted already."""
        if choice.chosen != {"image": self.lasso}:
            self.brush(None if choice.places is None else self.view.table.images(choice.places))
        yield

    def brush(self, images: Sequence[str] | None) -> None:
        """Highlight these images among all others; None shows all images alike."""
        inside = [] if images is None else np.flatnonzero(self.atlas.points["image_id"].isin(list(images)))
        self.send({"is": "brushed", "all": images is None}, [np.asarray(inside, dtype="<u4").tobytes()])

    def do_hover(self, message: Mapping) -> None:
        """Send the thumbnail of a point and its description."""
        row = self.atlas.points.iloc[int(message["point"])]
        image = thumbnail(self.material.stored(row["image_id"]), LARGE)
        words = row["image_id"] if self.material.tells_truth else ""
        rate = f", right {row['rate']:.0%}" if pd.notna(row["rate"]) else ""
        told = {"point": int(message["point"]), "size": len(image), "told": words + rate}
        self.send({"is": "thumbnail"} | told, [image.tobytes()])

    def do_lasso(self, message: Mapping) -> None:
        """Compare the images inside a lasso with the rest, and show the answers to them."""
        inside = np.array(message["points"], dtype=int)
        self.lasso = list(self.atlas.points["image_id"].iloc[inside])
        lines = compared(self.atlas.points, inside) if self.material.tells_truth and len(inside) else []
        told = [] if not len(lines) else [_line(row) for row in lines.itertuples()]
        self.send({"is": "compared", "lines": told, "count": len(inside)})
        chosen, title = ({"image": self.lasso}, "from the atlas") if self.lasso else ({}, "")
        self.view.show(chosen, title)


def coded(points: pd.DataFrame, name: str) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """An integer code for each point, and the title and colour of each code."""
    if name == "rate":
        steps = np.clip((points["rate"].fillna(0) * 5).astype(int), 0, 4).where(points["rate"].notna(), 5)
        titles = [f"{20 * k} to {20 * (k + 1)} %" for k in range(5)]
        return steps.to_numpy(), [*zip(titles, RAMP, strict=True), ("nobody read it", NOT_READ)]
    values = points[name].astype(object).where(points[name].notna(), NO_WORDS)
    codes, values = pd.factorize(values, sort=name == "finding")
    if name == "source":
        colours = source_colours(values) | {REAL: ON_DARK}
        return codes, [(source_title(value), colours[value]) for value in values]
    palette = ("#0072B2", "#56B4E9", "#D55E00", *OTHER_COLOURS, "#8C510A", "#666666", "#01665E")
    shades = {value: palette[k % len(palette)] for k, value in enumerate(values)} | {NO_WORDS: ON_DARK}
    title = _finding if name == "finding" else str
    return codes, [(title(value), shades[value]) for value in values]


def _finding(value: str) -> str:
    name, _, state = value.rpartition(" ")
    return f"{'No finding' if name == 'none' else 'Several' if name == 'several' else finding_title(name)} {state}"


def _line(row) -> list[str]:
    form = "{:.0f}" if row.what == "images" else "{:.0%}"
    shown = ["–" if np.isnan(value) else form.format(value) for value in (row.inside, row.outside)]
    if row.what in ("images", "right answers"):
        return [row.what.capitalize(), *shown]
    return [_finding(row.what) if row.what.endswith(" present") else source_title(row.what), *shown]
