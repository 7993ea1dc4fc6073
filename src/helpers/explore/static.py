"""The same views as pictures, for a notebook executed by a program: no image of a patient is stored in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import SVG, Markdown
from matplotlib.figure import Figure

from helpers.errors import StudyError
from helpers.explore.facts import Facts
from helpers.explore.material import Material
from helpers.explore.selection import Table, describe
from helpers.figures.style import add_note, finding_title, source_colours, source_title
from helpers.files import atomic_write
from helpers.tables import BESIDE

if TYPE_CHECKING:
    from helpers.explore.feature_atlas import Atlas
    from helpers.explore.generator_bench import GeneratorBench

SHOWN = 3  # cases
NAME = "13_explore"
ASK = "`05_image_metrics`, `06_study_plan` and `07_reading` make them: `make study`."


class Page:
    """Parts of a view, one below the other, as a notebook displays them."""

    def __init__(self, *parts):
        self.parts = [part for part in parts if part is not None]

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for part in self.parts:
            display(part)


def said(*sentences: str) -> Markdown | None:
    """Sentences as a quotation; None if there are none."""
    kept = [sentence for sentence in sentences if sentence]
    return Markdown("\n".join(f"> {sentence}  " for sentence in kept)) if kept else None


def svg(text: str) -> SVG | None:
    """An SVG text from ``drawing`` as a notebook stores it; None if nothing is drawn."""
    return SVG(text) if text else None


def kept_images(material: Material, figure: Figure, name: str) -> Figure | Markdown:
    """A figure of images, saved in ``figures/<run>/images/``; the figure itself is returned only for phantoms."""
    path = material.run.figures / "images" / f"{NAME}_{name}.png"
    with atomic_write(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
    if material.is_phantom:
        return figure
    return Markdown(f"Pictures of patients are not stored in notebooks; open `{path}`")


def cases_page(material: Material, chosen: dict) -> Page:
    """How many answers pass the filters, and the images of the cases among them that readers disagreed on most."""
    rows = material.readings
    if rows is None:
        return Page(said(material.state, *material.lacks, ASK))
    table = Table(describe(rows), material.tells_truth)
    places = table.select(chosen, ("disagreement", True))
    facts = Facts(material) if material.tells_truth else None
    found = table.rows.iloc[places]
    count = f"{len(found)} of {len(table.rows)} answers, by {found['reader'].nunique()} readers."
    kinds = " Readers are simulated." if (rows["reader_kind"] == "simulated").any() else ""
    picture = None
    try:
        first = found[found["images"] != ""].drop_duplicates(["task", "case"]).head(SHOWN)
        if len(first):
            picture = kept_images(material, cases_figure(material, table, first, facts, kinds), "cases")
    except StudyError as error:
        picture = said(str(error))
    return Page(said(material.state, *material.lacks, count + kinds), picture)


def cases_figure(material: Material, table: Table, first: pd.DataFrame, facts: Facts | None, note: str) -> Figure:
    """Images of some cases, one case per row, with every reader's answer beside them."""
    images = [row.split(BESIDE) for row in first["images"]]
    across = max(map(len, images))
    figure, axes = plt.subplots(
        len(first), across + 1, figsize=(2.6 * across + 3.4, 2.7 * len(first)), squeeze=False,
        width_ratios=[1] * across + [1.3],
    )  # fmt: skip
    for line, (_, row), ids in zip(axes, first.iterrows(), images, strict=True):
        for axis in line:
            axis.set_axis_off()
        for axis, image_id in zip(line, ids, strict=False):
            pixels = material.pixels(image_id)
            axis.imshow(pixels, cmap="gray", vmin=0, vmax=np.iinfo(pixels.dtype).max)
            axis.set_title(source_title(facts.source_of(image_id)) if facts else "", fontsize=8)
        line[-1].text(0, 1, _told(row, table.rows, facts is not None), va="top", fontsize=8)
    return add_note(figure, f"Cases that readers disagreed on most.{note}")


def _told(row: pd.Series, rows: pd.DataFrame, tells_truth: bool) -> str:
    same = rows[(rows["case"] == row["case"]) & (rows["task"] == row["task"]) & (rows["finding"] == row["finding"])]
    state = f", {row['state']}" if tells_truth else ""
    lines = [f"{finding_title(row['finding'])}{state}"]
    for one in same.sort_values("reader").itertuples():
        lines.append(f"{one.reader}: {one.rating:+d}" + (f", {one.answer}" if tells_truth else ""))
    return "\n".join(lines)


def bench_page(bench: GeneratorBench) -> Page:
    """An image from each fast generator with each finding present, from one seed, with what the classifier sees."""
    fast = [source for source in bench.specs if bench.is_fast(source)]
    if not fast:
        return Page(said("Images by diffusion are drawn when this notebook is opened in JupyterLab."))
    names = bench.material.findings.names
    figure, axes = plt.subplots(len(fast), len(names), figsize=(2.3 * len(names), 2.6 * len(fast)), squeeze=False)
    for line, source in zip(axes, fast, strict=True):
        for axis, name in zip(line, names, strict=True):
            image = bench.draw(source, {name: 1}, 1, bench.options(source))
            seen = bench.seen(image).get(name)
            axis.imshow(image, cmap="gray", vmin=0, vmax=255)
            axis.set_axis_off()
            told = "" if seen is None else f"\nclassifier: {seen:.2f}"
            axis.set_title(f"{source_title(source)}: {finding_title(name)}{told}", fontsize=8)
    return Page(kept_images(bench.material, figure, "bench"))


def atlas_figure(atlas: Atlas) -> Figure:
    """The atlas by source, one point for each image."""
    points = atlas.points
    colours = source_colours(points["source"])
    figure, axis = plt.subplots(figsize=(6.4, 4.6))
    for source, own in points.groupby("source", sort=False):
        axis.scatter(own["x"], own["y"], s=6, color=colours[source], label=f"{source_title(source)} ({len(own)})")
    axis.set(xlabel="First principal component", ylabel="Second", xticks=[], yticks=[])
    figure.legend(loc="outside right center", frameon=False)
    plt.close(figure)
    return add_note(figure, f"Features: {atlas.extractor}; the axes hold {atlas.explained:.0%} of their variance.")
