"""The study's answers in short, from the recorded numbers alone: a table and sentences."""

import pandas as pd

from helpers.figures.style import source_title
from helpers.recording import LIKE_SUFFIX
from helpers.tables import REAL


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
                "Told from real (these readers)": interval(numbers.get(accuracy)),
                "Told from real (readers like these)": interval(numbers.get(accuracy + LIKE_SUFFIX), bounds_only=True),
                "AUC for the asked finding (these readers)": interval(numbers.get(auc)),
                "AUC (readers like these)": interval(numbers.get(auc + LIKE_SUFFIX), bounds_only=True),
                "Fréchet distance to real": interval(numbers.get(f"metrics.{source}.frechet_distance"), decimals=1),
            }
        )
    return pd.DataFrame(rows).set_index("Images")


def sentences(numbers: dict, sources: list[str]) -> list[str]:
    """One sentence for each synthetic source and question, for readers like these; none where not estimable."""
    synthetic = [source for source in sources if source != REAL]
    told = [_told_from_real(numbers, source) for source in synthetic]
    shown = [_shows_finding(numbers, source) for source in synthetic]
    return [sentence for sentence in told + shown if sentence]


def _told_from_real(numbers: dict, source: str) -> str | None:
    number = numbers.get(f"realism.{source}.accuracy{LIKE_SUFFIX}")
    if number is None or number["low"] is None:
        return None
    verdict = "this cannot be told from guessing with so many readers and cases"
    if number["low"] > 0.5:
        verdict = "better than guessing"
    elif number["high"] < 0.5:
        verdict = "worse than guessing: they were taken for the real ones more often than not"
    same = numbers.get(f"realism.{source}.equivalence_p{LIKE_SUFFIX}")
    if same is not None and same["value"] is not None and same["value"] < 0.05:
        verdict += "; it lies within the margin of equivalence that was set beforehand"
    value, low, high = (round(100 * number[name]) for name in ("value", "low", "high"))
    share = f"{value} % ({low} to {high} %) of pairs"
    return f"{source_title(source)} images were found to be the synthetic ones in {share}; {verdict}."


def _shows_finding(numbers: dict, source: str) -> str | None:
    number = numbers.get(f"conditionality.difference.{REAL}_minus_{source}{LIKE_SUFFIX}")
    if number is None or number["low"] is None:
        return None
    value, low, high = -number["value"], -number["high"], -number["low"]  # as synthetic minus real
    verdict = "no difference from real images can be shown"
    if high < 0:
        verdict = "less clearly than real images"
    elif low > 0:
        verdict = "more clearly than real images, so they exaggerate it"
    change = f"{value:+.2f}, {low:+.2f} to {high:+.2f}".replace("-", "−")
    question = f"{source_title(source)} images: do they show the asked finding?"
    return f"{question} {verdict.capitalize()} (AUC minus that of real images: {change})."
