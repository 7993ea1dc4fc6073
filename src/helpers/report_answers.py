"""The study's answers in brief, from the recorded numbers alone: a table and sentences."""

from itertools import combinations

import pandas as pd

from helpers.figures.readable import p_text
from helpers.figures.style import source_title
from helpers.recording import LIKE_SUFFIX
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.power import LARGER
from helpers.tables import REAL
from helpers.tasks import TASKS, Task

WORDING = "wording"  # a key like those of the stages: what the wording of the prompt changes
# What a study of this size can detect, by the name of the number: the first that is known is reported.
DETECTABLE = {
    "difference": "accuracy between two sources",
    "accuracy": "accuracy from chance",
    "auc_difference": "AUC between two sources",
    "auc": "AUC from chance",
}


def interval(number: dict | None, decimals: int = 2, bounds_only: bool = False) -> str:
    """``0.64 (0.55 to 0.71)`` for a recorded number; a dash if there is none.

    ``bounds_only`` leaves the value out, and says so if the interval cannot be estimated.
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
    """Sentences that answer the main question of each stage; none if nothing can be estimated.

    They are about readers like these, on other cases; if that cannot be estimated, about these readers, and say so.
    """
    synthetic = [source for source in sources if source != REAL]
    choices = [task for task in TASKS.values() if task.notebook == "08_realism_choice"]
    said = {
        "08_realism": [_told_from_real(numbers, source) for source in synthetic],
        "08_realism_choice": [_found_among(numbers, task, source) for task in choices for source in synthetic],
        "09_conditionality": _finding_shown(numbers, sources),
        "10_agreement_cues": [_agreement(numbers)],
        "11_power": [_detectable(numbers)],
        WORDING: _wordings(numbers),
    }
    return {stage: [sentence for sentence in found if sentence] for stage, found in said.items()}


def _estimate(numbers: dict, name: str) -> tuple[dict | None, str, str]:
    """A number with an interval, the suffix of its conclusion, and a note if it is about these readers only."""
    for suffix, words in ((LIKE_SUFFIX, ""), ("", "; these readers only")):
        number = numbers.get(name + suffix)
        if number and number["value"] is not None and number["low"] is not None and number["high"] is not None:
            return number, suffix, words
    return None, "", ""


def _told_from_real(numbers: dict, source: str) -> str | None:
    number, suffix, words = _estimate(numbers, f"realism.{source}.accuracy")
    share = _picked_out(number, 0.5, numbers.get(f"realism.primary_p.accuracy.{source}{suffix}"))
    equivalent = _equivalence(numbers, f"realism.{source}", suffix)
    return f"Readers picked out the {_in_text(source)} image in {share}{equivalent}{words}." if share else None


def _found_among(numbers: dict, task: Task, source: str) -> str | None:
    number, _, words = _estimate(numbers, f"realism_choice.{task.name}.{source}.accuracy")
    share = _picked_out(number, task.chance)
    images = len(task.places)
    return f"Readers picked out the {_in_text(source)} image among {images} in {share}{words}." if share else None


def _picked_out(number: dict | None, chance: float, corrected: dict | None = None) -> str | None:
    """``66 % of trials (53 to 76 %): better than guessing``; None if there is no interval.

    ``corrected``: the p value after Holm's correction, if the question is primary; it decides with the interval.
    """
    if number is None:
        return None
    p = corrected["value"] if corrected else None
    sure = p is None or p < 0.05
    verdict = "this many readers and cases do not show a difference from guessing"
    if not sure and not number["low"] <= chance <= number["high"]:
        verdict = (
            f"{'better' if number['low'] > chance else 'worse'} than guessing by this question alone, but not once "
        )
        verdict += "the number of questions is allowed for"
    elif sure and number["low"] > chance:
        verdict = "better than guessing"
    elif sure and number["high"] < chance:
        verdict = "worse than guessing, so it was often taken for a real one"
    value, low, high = (round(100 * number[name]) for name in ("value", "low", "high"))
    return f"{value} % of trials ({low} to {high} %): {verdict}{_holm(p)}"


def _holm(p: float | None) -> str:
    if p is None:
        return ""
    return f" (p {p_text(p)}, Holm)" if p < 0.001 else f" (p = {p_text(p)}, Holm)"


def _finding_shown(numbers: dict, sources: list[str]) -> list[str | None]:
    """Each source compared with real images, or without those each pair of sources; if no difference is known, AUCs."""
    beside_real = [_shows_finding(numbers, source) for source in sources if source != REAL]
    if REAL in sources or any(beside_real):
        found = beside_real
    else:
        found = [_told_better(numbers, *pair) for pair in combinations(sources, 2)]
    return found if any(found) else [_area(numbers, source) for source in sources]


def _area(numbers: dict, source: str) -> str | None:
    number, _, words = _estimate(numbers, f"conditionality.{source}.auc")
    return f"The AUC for the finding in {_in_text(source)} images is {interval(number)}{words}." if number else None


def _told_better(numbers: dict, first: str, second: str) -> str | None:
    sign, change = _difference(numbers, first, second)
    if sign is None:
        return None
    better, other = (second, first) if sign < 0 else (first, second)
    if sign:
        return f"The finding was recognised better in {_in_text(better)} than in {_in_text(other)} images ({change})."
    return f"No difference between {_in_text(better)} and {_in_text(other)} images was shown ({change})."


def _shows_finding(numbers: dict, source: str) -> str | None:
    sign, change = _difference(numbers, REAL, source, turned=True)
    if sign is None:
        return None
    if sign < 0:
        return f"The finding was harder to recognise in {_in_text(source)} images than in real ones ({change})."
    if sign > 0:
        easier = f"The finding was easier to recognise in {_in_text(source)} images than in real ones ({change})"
        return f"{easier}: it may be exaggerated."
    return f"No difference from real images was shown for {_in_text(source)} images ({change})."


def _difference(numbers: dict, first: str, second: str, turned: bool = False) -> tuple[int | None, str]:
    """AUC on ``first`` minus AUC on ``second``, or the reverse if ``turned``: its sign (0 if not certain, None if the
    difference is unknown) and the difference in words."""
    number, suffix, words = _estimate(numbers, f"conditionality.difference.{first}_minus_{second}")
    if number is None:
        return None, ""
    corrected = numbers.get(f"conditionality.primary_p.difference.{first}_minus_{second}{suffix}")
    p = corrected["value"] if corrected else None
    value, low, high = number["value"], number["low"], number["high"]
    if turned:
        value, low, high = -value, -high, -low
    change = f"AUC difference {value:+.2f}, {low:+.2f} to {high:+.2f}".replace("-", "−")
    change += _holm(p).replace(" (p", "; p").replace(", Holm)", " after Holm's correction")
    change += (_equivalence(numbers, f"conditionality.{second}", suffix) if first == REAL else "") + words
    sure = p is None or p < 0.05
    return int(sure) * (int(low > 0) - int(high < 0)), change


def _wordings(numbers: dict) -> list[str | None]:
    """How well the finding is seen with each wording, and which two wordings differ most."""
    prefix = "conditionality.wording."
    names = [name.removeprefix(prefix) for name in numbers if name.startswith(prefix)]
    parts = []
    for name in [name for name in names if "." not in name and not name.endswith(LIKE_SUFFIX)]:
        number, _, words = _estimate(numbers, prefix + name)
        parts += [f"{interval(number)} with the wording “{name}”{words}"] if number else []
    if not parts:
        return []
    said = [f"AUC for the requested finding: {', '.join(parts)}."]
    pairs = {name: one for name, one in numbers.items() if name.startswith("conditionality.wording_difference.")}
    return [*said, _furthest(numbers, pairs)]


def _furthest(numbers: dict, pairs: dict) -> str | None:
    """The two wordings that are furthest apart, of those that have an interval for readers like these.

    They were chosen for their distance, so the p value corrected for all pairs decides whether they differ.
    """
    known = {n: one for n, one in pairs.items() if n.endswith(LIKE_SUFFIX) and None not in (one["low"], one["high"])}
    if not known:
        return None
    name, number = max(known.items(), key=lambda pair: abs(pair[1]["value"]))
    first, second = name.removesuffix(LIKE_SUFFIX).split(".", 2)[2].split("_minus_")
    corrected = numbers.get(name.replace(".wording_difference.", ".wording_p."))
    p = corrected["value"] if corrected else None
    verdict = "the wording matters" if p is not None and p < 0.05 else "no difference was shown"
    apart = ", ".join(f"{number[bound]:.2f}" for bound in ("value", "low")).replace("-", "−")
    apart += f" to {number['high']:.2f}".replace("-", "−")
    return f"The furthest apart are “{first}” and “{second}” ({apart}): {verdict}{_holm(p)}."


def _agreement(numbers: dict) -> str | None:
    """Agreement between readers over all sources, one part of the sentence for each task."""
    found = {task.title: numbers.get(f"agreement.{name}.weighted_kappa.all") for name, task in TASKS.items()}
    parts = [
        f"{interval(number)} in {title}" for title, number in found.items() if number and number["value"] is not None
    ]
    return f"Weighted kappa between readers (0 is chance, 1 complete) is {', '.join(parts)}." if parts else None


def _detectable(numbers: dict) -> str | None:
    """The difference that a study of this size can detect: in accuracy, else in AUC; of two sources, else from chance.

    If none of the differences tried can be detected, the sentence says how large it would have to be.
    """
    if "power.target" not in numbers:
        return None
    power = f"With a power of {100 * numbers['power.target']['value']:.0f} %"
    for name, words in DETECTABLE.items():
        pair = {c: numbers.get(f"power.detectable_{name}{suffix}") for c, suffix in ((THESE, ""), (LIKE, LIKE_SUFFIX))}
        pair = {conclusion: number for conclusion, number in pair.items() if number}
        found = [f"{n['value']:.2f} for {c}" for c, n in pair.items() if n["value"] is not None]
        beyond = [f"for {c} it would have to be {_note(n)}" for c, n in pair.items() if LARGER in n["method"]]
        if found or beyond:
            assumed = any("assumed shares" in number["method"] for number in pair.values())
            said = f"a difference in {words} of {' and of '.join(found)}" if found else f"none in {words}"
            lead = f"{power}{' and the assumed shares of variance' if assumed else ''}, a study of this size finds"
            return "; ".join([f"{lead} {said}", *beyond]) + "."
    return None


def _note(number: dict) -> str:
    """The note of a recorded number, which ends its method."""
    return number["method"].rpartition("; ")[2]


def _equivalence(numbers: dict, name: str, suffix: str) -> str:
    same = numbers.get(f"{name}.equivalence_p{suffix}")
    shown = same is not None and same["value"] is not None and same["value"] < 0.05
    return "; equivalent within the margin set in advance" if shown else ""


def _in_text(source: str) -> str:
    """The name of a source within a sentence."""
    return source if source == "diffusion" else source_title(source)
