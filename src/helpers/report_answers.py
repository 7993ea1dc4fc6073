"""The study's answers in short, from the recorded numbers alone: a table and sentences."""

import pandas as pd

from helpers.figures.style import source_title
from helpers.recording import LIKE_SUFFIX
from helpers.tables import REAL
from helpers.tasks import TASKS, Task


def interval(number: dict | None, decimals: int = 2, bounds_only: bool = False) -> str:
    """``0.64 (0.55 to 0.71)`` of a recorded number; a dash where there is none.

    ``bounds_only`` leaves the value out, and says so where the interval cannot be estimated.
    """
    if number is None or number["value"] is None:
        return "–"
    value = f"{number['value']:.{decimals}f}"
    if number["low"] is None or number["high"] is None:
        return "interval not estimable" if bounds_only else value
    bounds = f"{number['low']:.{decimals}f} to {number['high']:.{decimals}f}"
    return bounds if bounds_only else f"{value} ({bounds})"


def headline(numbers: dict, sources: list[str]) -> pd.DataFrame:
    """One row for each source: accuracy against real, AUC, Fréchet distance, with intervals, as text."""
    rows = []
    for source in sources:
        accuracy, auc = f"realism.{source}.accuracy", f"conditionality.{source}.auc"
        rows.append(
            {
                "Images": source_title(source),
                "Picked out (these readers)": interval(numbers.get(accuracy)),
                "Picked out (readers like these)": interval(numbers.get(accuracy + LIKE_SUFFIX), bounds_only=True),
                "AUC for the requested finding (these readers)": interval(numbers.get(auc)),
                "AUC (readers like these)": interval(numbers.get(auc + LIKE_SUFFIX), bounds_only=True),
                "Fréchet distance to real": interval(numbers.get(f"metrics.{source}.frechet_distance"), decimals=1),
            }
        )
    return pd.DataFrame(rows).set_index("Images")


def sentences(numbers: dict, sources: list[str]) -> dict[str, list[str]]:
    """By stage of each main question, sentences on the synthetic sources; none where nothing can be estimated.

    They speak of readers like these, on other cases.
    """
    synthetic = [source for source in sources if source != REAL]
    choices = [task for task in TASKS.values() if task.notebook == "08_realism_choice"]
    said = {
        "08_realism": [_told_from_real(numbers, source) for source in synthetic],
        "08_realism_choice": [_found_among(numbers, task, source) for task in choices for source in synthetic],
        "09_conditionality": [_shows_finding(numbers, source) for source in synthetic],
    }
    return {stage: [sentence for sentence in found if sentence] for stage, found in said.items()}


def _told_from_real(numbers: dict, source: str) -> str | None:
    share = _picked_out(numbers.get(f"realism.{source}.accuracy{LIKE_SUFFIX}"), 0.5)
    equivalent = _equivalence(numbers, f"realism.{source}")
    return f"Readers picked out the {_in_text(source)} image in {share}{equivalent}." if share else None


def _found_among(numbers: dict, task: Task, source: str) -> str | None:
    share = _picked_out(numbers.get(f"realism_choice.{task.name}.{source}.accuracy{LIKE_SUFFIX}"), task.chance)
    images = len(task.places)
    return f"Readers picked out the {_in_text(source)} image among {images} in {share}." if share else None


def _picked_out(number: dict | None, chance: float) -> str | None:
    """``66 % of trials (53 to 76 %): better than guessing``; None where there is no interval."""
    if number is None or number["low"] is None:
        return None
    verdict = "this many readers and cases do not show a difference from guessing"
    if number["low"] > chance:
        verdict = "better than guessing"
    elif number["high"] < chance:
        verdict = "worse than guessing, so it was often taken for a real one"
    value, low, high = (round(100 * number[name]) for name in ("value", "low", "high"))
    return f"{value} % of trials ({low} to {high} %): {verdict}"


def _shows_finding(numbers: dict, source: str) -> str | None:
    number = numbers.get(f"conditionality.difference.{REAL}_minus_{source}{LIKE_SUFFIX}")
    if number is None or number["low"] is None:
        return None
    value, low, high = -number["value"], -number["high"], -number["low"]  # as synthetic minus real
    change = f"AUC difference {value:+.2f}, {low:+.2f} to {high:+.2f}".replace("-", "−")
    change += _equivalence(numbers, f"conditionality.{source}")
    if high < 0:
        return f"The finding was harder to recognise in {_in_text(source)} images than in real ones ({change})."
    if low > 0:
        easier = f"The finding was easier to recognise in {_in_text(source)} images than in real ones ({change})"
        return f"{easier}: it may be exaggerated."
    return f"No difference from real images was shown for {_in_text(source)} images ({change})."


def _equivalence(numbers: dict, name: str) -> str:
    same = numbers.get(f"{name}.equivalence_p{LIKE_SUFFIX}")
    shown = same is not None and same["value"] is not None and same["value"] < 0.05
    return "; equivalent within the margin set in advance" if shown else ""


def _in_text(source: str) -> str:
    """How a source is written within a sentence."""
    return source if source == "diffusion" else source_title(source)
