"""The contents of a report's sections: tables as HTML with their notes below, and figures as pictures."""

import base64
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from markupsafe import Markup
from PIL import Image

from helpers.figures.readable import both_conclusions, with_letters
from helpers.notebooks import title_of
from helpers.provenance import drawn_size_of, read_manifest, stages_of
from helpers.report_text import CAPTIONS, SECTIONS
from helpers.runs import STAGES, Run
from helpers.tasks import NOTEBOOKS_OF_TASKS

PER_INCH = 96  # pixels of a page, by definition of CSS


@dataclass(frozen=True)
class Table:
    """A table of the report as HTML, and its notes by the letter that refers to them."""

    html: Markup
    notes: dict[str, str]


@dataclass(frozen=True)
class Picture:
    """A figure of the report: its PNG as a data URL, what it shows, and its width in pixels of the page."""

    url: str
    caption: str
    width: int


def sections_of(run: Run) -> list[dict]:
    """Sections for the finished stages: those of ``report_text`` in their order and, after those of the tasks, one with
    its notebook's title for each stage that has no text of its own there. A training stage that the study skipped has
    no section."""
    written = [section["stage"] for section in SECTIONS]
    others = [stage for stage in STAGES if stage not in (*written, "12_report")]
    plain = [{"stage": stage, "title": title_of(stage), "text": "", "tables": ()} for stage in others]
    place = 1 + max(written.index(stage) for stage in NOTEBOOKS_OF_TASKS if stage in written)
    sections = (*SECTIONS[:place], *plain, *SECTIONS[place:])
    finished = [s for s in sections if s["stage"] in stages_of(run) and run.manifest(s["stage"]).is_file()]
    return [section for section in finished if _trained(run, section["stage"])]


def _trained(run: Run, stage: str) -> bool:
    """Whether a stage did what its section would describe."""
    if stage == "02_train_enlarger":
        return drawn_size_of(run) is not None
    return read_manifest(run, stage)["parameters"].get("train", True)


def section_parts(run: Run, section: dict, with_images: bool) -> dict:
    """A section of ``report_text.SECTIONS`` with the output of its stage: tables (``shown``) and ``pictures``."""
    shown = []
    for name, index, title in section["tables"]:
        path = run.stage_folder(section["stage"]) / name
        found = pd.read_csv(path) if path.is_file() else pd.DataFrame()
        if len(found):
            notes = found["note"].astype(object).where(found["note"].notna(), "")
            short, letters = with_letters(both_conclusions(found.assign(note=notes), index, title=title))
            shown.append(Table(as_html(short), letters))
    return {**section, "shown": shown, "pictures": pictures(run, section["stage"], with_images)}


def pictures(run: Run, stage: str, with_images: bool) -> list[Picture]:
    """Figures that a stage saved, in the order of their captions; those that show images only ``with_images``."""
    folders = [run.figures] + ([run.figures / "images"] if with_images else [])
    found = [path for folder in folders for path in sorted(folder.glob(f"{stage}_*.png")) if _stage_of(path) == stage]
    named = {path.stem.removeprefix(f"{stage}_"): path for path in found}
    captions = CAPTIONS.get(stage, {})
    order = [name for name in captions if name in named] + [name for name in named if name not in captions]
    return [picture(named[name], stage) for name in order]


def picture(path: Path, stage: str) -> Picture:
    """A figure that a stage saved, with its caption; a figure without one is captioned by its name."""
    name = path.stem.removeprefix(f"{stage}_")
    caption = CAPTIONS.get(stage, {}).get(name, name.replace("_", " ").capitalize() + ".")
    return Picture(data_url(path.read_bytes()), caption, _width(path))


def _stage_of(path: Path) -> str:
    """The stage that a figure is named after: the longest one, as one stage's name may begin with another's."""
    return max((stage for stage in STAGES if path.name.startswith(f"{stage}_")), key=len)


def as_html(table: pd.DataFrame) -> Markup:
    """A table as HTML; no number or interval is split across two lines."""
    return Markup(table.reset_index().map(_unbroken).to_html(border=0, index=False))


def _unbroken(cell: object) -> object:
    is_number = isinstance(cell, str) and re.fullmatch(r"[\d.<−–() to]+", cell)
    return cell.replace(" ", "\N{NO-BREAK SPACE}") if is_number else cell


def data_url(png: bytes) -> str:
    """A PNG as text that a page can hold."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _width(path: Path) -> int:
    with Image.open(path) as image:
        return round(image.width * PER_INCH / image.info.get("dpi", (PER_INCH, PER_INCH))[0])
