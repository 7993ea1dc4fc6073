"""Load a run's readings for statistics, and record the numbers in the run: both conclusions, under dotted names."""

import re
from pathlib import Path

import pandas as pd

from helpers.provenance import Stage, shows_phantoms
from helpers.stats.crossed import LIKE
from helpers.stats.multiplicity import P_VALUES
from helpers.stats.readings import load
from helpers.tables import ALGORITHM

LIKE_SUFFIX = ".readers_like_these"  # ends the name of a number about readers in general


def load_for(
    stage: Stage, readings: str | Path | None = None, scale: str | None = None, real: str | None = None
) -> tuple[pd.DataFrame, bool | None]:
    """Readings of a stage's run, or of any file: the table, and whether its images are phantoms.

    ``readings`` None takes the run's own readings (stage 07 must have finished, else RunError). A file is used
    without the rest of the run, and nothing is known about its images: the second value is then None. ``scale`` and
    ``real`` say how a file is read, as in ``readings.load``.
    """
    if readings is None:
        table = load(stage.after("07_reading") / "readings.csv")
        return table, shows_phantoms(stage.run)
    table = load(readings, scale, real)
    stage.reads(readings)
    return table, None


def provenance_note(readings: pd.DataFrame, is_phantom: bool | None) -> str:
    """Short text for figures: whether readers are simulated and images phantoms; empty for people and patients.

    ``is_phantom`` None means that the readings come from a file outside the run.
    """
    kinds = set(readings["reader_kind"]) - {ALGORITHM}
    readers = {"simulated": "Simulated readers"}.get("".join(kinds), "Human and simulated readers")
    parts = [readers] if "simulated" in kinds else []
    parts += ["readings from an external table"] if is_phantom is None else ["phantom images"] if is_phantom else []
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def provenance_banner(readings: pd.DataFrame, is_phantom: bool | None) -> str:
    """The same in whole sentences (Markdown), for the top of a notebook."""
    kinds = set(readings["reader_kind"]) - {ALGORITHM}
    lines = []
    if kinds == {"simulated"}:
        lines.append("**All readers are simulated.** The numbers only show the method; no person read an image.")
    elif "simulated" in kinds:
        lines.append("**Some readers are simulated.** Averages over readers mix people and programs.")
    if is_phantom is None:
        lines.append("**The readings come from an external table.** Its images and their origin are not known here.")
    elif is_phantom:
        lines.append("**The images are phantoms**, drawn by a program; they say nothing about patients.")
    lines = lines or ["Readings of people, of images of patients."]
    return "> " + " ".join([*lines, *readings.attrs.get("notes", [])])


def record(stage: Stage, pattern: str, table: pd.DataFrame, method: str, value: str = "value", n: str = "readings"):
    """Record every row of a tidy table under ``pattern`` filled from its columns, ``realism.{source}.accuracy``.

    ``{state}`` is "present" or "absent" from column truth. Rows for readers like these get the suffix
    ``.readers_like_these``; rows without a conclusion get none. ``value`` and ``n`` name the columns of the number and
    of its sample size. The columns low and high give its interval; a p value has none. Names have letters, digits,
    dots, dashes and underscores; anything else in a source's or finding's name becomes "_".
    """
    for row in table.to_dict("records"):
        fields = {name: re.sub(r"[^A-Za-z0-9_-]", "_", str(content)) for name, content in row.items()}
        fields["state"] = "present" if row.get("truth") == 1 else "absent"
        conclusion = row.get("conclusion")
        text = f"{method}; {conclusion}" if conclusion else method
        if row.get("note"):
            text = f"{text}; {row['note']}"
        name = pattern.format(**fields) + (LIKE_SUFFIX if conclusion == LIKE else "")
        low, high = (None, None) if value in P_VALUES else (row.get("low"), row.get("high"))
        stage.record(name, row[value], low, high, n=row[n], method=text)
