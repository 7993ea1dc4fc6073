"""The first screen of a report: images of every source side by side, and the two main questions with their figures."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from helpers.figures.style import finding_title, source_colours, source_title
from helpers.findings import PRESENT, Cell
from helpers.generators.sampling import examples
from helpers.provenance import findings_of, stages_of
from helpers.report_answers import WORDING
from helpers.report_sections import Picture, data_url, picture
from helpers.report_text import OF_WORDINGS, QUESTIONS
from helpers.runs import Run
from helpers.tables import SAMPLES, cohort_schema, read_table

WIDEST = 256  # pixels of an embedded image, at most


@dataclass(frozen=True)
class Question:
    """A main question: its stage, how it is asked, the sentences that answer it, and its figure, if any."""

    stage: str
    title: str
    sentences: list[str]
    figure: Picture | None


@dataclass(frozen=True)
class Strip:
    """Images by finding and source: titles and colours of the sources, and a data URL or None for each cell."""

    sources: dict[str, str]
    rows: dict[str, list[str | None]]


def questions(run: Run, sentences: dict[str, list[str]]) -> list[Question]:
    """The main questions of a run's study; ``sentences`` are those of ``report_answers.sentences``."""
    found = []
    for stage in [stage for stage in stages_of(run) if stage in QUESTIONS]:
        title, name = QUESTIONS[stage]
        path = run.figures / f"{stage}_{name}.png"
        found.append(Question(stage, title, sentences[stage], picture(path, stage) if path.is_file() else None))
    stage, title, name = OF_WORDINGS
    if sentences[WORDING]:
        path = run.figures / f"{stage}_{name}.png"
        found.append(Question(stage, title, sentences[WORDING], picture(path, stage) if path.is_file() else None))
    return found


def strip(run: Run) -> Strip:
    """The first image of each source with each finding present, real ones from the test split. For phantoms only."""
    findings = findings_of(run)
    cohort = read_table(run.stage_folder("01_cohort") / "cohort.csv", cohort_schema(findings))
    samples = read_table(run.stage_folder("04_sample") / "samples.csv", SAMPLES)
    shown, colours = examples(cohort, samples, findings, run, count=1), source_colours(samples["source"])
    rows = {name: [_embedded(cells.get(Cell(name, PRESENT))) for cells in shown.values()] for name in findings.names}
    return Strip(
        {source_title(source): colours[source] for source in shown},
        {finding_title(name): row for name, row in rows.items() if any(row)},
    )


def _embedded(images: np.ndarray | None) -> str | None:
    """The first of float images (n, height, width) in 0..1 as a data URL, no larger than ``WIDEST``."""
    if images is None:
        return None
    image, file = Image.fromarray(np.round(images[0] * 255).astype(np.uint8)), io.BytesIO()
    image.thumbnail((WIDEST, WIDEST))
    image.save(file, format="PNG")
    return data_url(file.getvalue())
