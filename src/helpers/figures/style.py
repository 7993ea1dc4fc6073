"""One look for every figure: a fixed colour per source, labels for people, notes that say what is simulated."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from helpers.findings import DESCRIBED, Cell, Findings, title_of
from helpers.tasks import TASKS

# Okabe-Ito colours, distinguishable with any colour vision; the same source has the same colour everywhere.
SOURCE_COLOURS = {"real": "#000000", "gan": "#D55E00", "diffusion": "#0072B2"}
OTHER_COLOURS = ("#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
SOURCE_TITLES = {"real": "Real", "gan": "GAN", "diffusion": "Diffusion"}
TASK_TITLES = {name: task.title for name, task in TASKS.items()}
CUE_TITLES = {
    "soft_tissue": "Soft tissue",
    "bone_structure": "Bone structure",
    "external_devices": "External devices",
    "image_artefacts": "Image artefacts",
    "other": "Other",
}


_titles: dict[str, str] = {}  # of the study's findings, by name
_codes: dict[str, str] = {}


def use_style() -> None:
    """Set the project's style of figures and tables; call once at the top of a notebook."""
    pd.set_option("display.max_colwidth", None)  # a truncated note says nothing
    sns.set_theme(context="notebook", style="ticks", font_scale=0.9)
    matplotlib.rcParams.update(
        {"figure.constrained_layout.use": True, "axes.spines.top": False, "axes.spines.right": False}
    )


def use_findings(findings: Findings) -> None:
    """Label findings in figures and tables as a study does; those that it lacks keep the project's labels."""
    _titles.clear(), _codes.clear()
    for finding in findings:
        _titles[finding.name], _codes[finding.name] = finding.title, finding.code


def source_colours(sources) -> dict[str, str]:
    """Colour of each source; sources other than real, gan and diffusion get the remaining ones in sorted order."""
    others = sorted(set(sources) - set(SOURCE_COLOURS))
    return SOURCE_COLOURS | {s: OTHER_COLOURS[i % len(OTHER_COLOURS)] for i, s in enumerate(others)}


def source_title(source: str) -> str:
    """How a source is written in figures."""
    return SOURCE_TITLES.get(source, source)


def finding_title(finding: str) -> str:
    """How a finding is written in figures; unknown names are shown as they are."""
    return _titles.get(finding) or title_of(finding)


def level_title(level: str) -> str:
    """How a level of a moderator is written in figures: a finding by its title, anything else as it is."""
    return finding_title(level) if level in _titles or level in DESCRIBED else level


def finding_code(finding: str) -> str:
    """The short form of a finding in figures; an unknown one keeps its name."""
    return _codes.get(finding) or (DESCRIBED[finding]["code"] if finding in DESCRIBED else finding)


def cell_title(cell: Cell) -> str:
    """How a study cell is written in figures, for example ``AT present``."""
    return f"{finding_code(cell.finding)} {'present' if cell.present else 'absent'}"


def wrapped(title: str, letters: int = 16) -> str:
    """A title, split into two lines if it is longer than ``letters``."""
    return title if len(title) <= letters else title.replace(" ", "\n", 1)


def panels_of(count: int, size: tuple[float, float], most: int = 5) -> tuple[Figure, np.ndarray]:
    """A figure of ``count`` panels of one size (inches) that share their vertical axis; at most ``most`` per row."""
    rows = -(-count // most)
    columns = -(-count // rows)
    figure, grid = plt.subplots(rows, columns, figsize=(size[0] * columns, size[1] * rows), sharey=True, squeeze=False)
    for left_over in grid.ravel()[count:]:
        left_over.set_visible(False)
    return figure, grid.ravel()[:count]


def add_note(figure: Figure, *notes: str) -> Figure:
    """Write small notes under a figure, without blank ones: the sample size, or that readers are simulated."""
    if note := " ".join(filter(None, notes)):
        figure.text(0.5, -0.02, note, ha="center", va="top", fontsize=8, color="#555555", wrap=True)
    return figure


def explained(note: str, table: pd.DataFrame) -> str:
    """The note of a figure of estimates (value, low, high); it explains points without a line, if there are any."""
    missing = table.loc[table["value"].notna(), "low"].isna().any()
    return f"No line: an interval cannot be estimated. {note}".strip() if missing else note
