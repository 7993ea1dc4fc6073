"""Sentences that ask for one thing each: a finding, how much of it, on which side, at which height."""

from collections.abc import Iterator

import pandas as pd

from helpers.cohort.phantom import phrases
from helpers.findings import Finding, Findings

STATE, DEGREE, SIDE, ZONE, NOTHING = "state", "degree", "side", "zone", "nothing"
LEVELS = {STATE: ("absent", "present"), SIDE: ("right", "left"), ZONE: ("upper", "mid", "lower")}
DEGREES = ("mild", "moderate", "severe")  # of findings that phantoms do not have
PLAIN = "{degree} {words}."  # how such a finding is told
# What stands in a sentence where it is not in question.
USUAL = {"side": "left", "zone": "lower", "kind": "linear"}
# What a ruler finds of a finding; it rises with the rank of the word.
MEASURES = {
    ("pleural_effusion", DEGREE): "fluid",
    ("pleural_effusion", SIDE): "fluid_left",
    ("lung_opacity", DEGREE): "opacity",
    ("lung_opacity", SIDE): "opacity_left",
    ("lung_opacity", ZONE): "opacity_depth",
    ("enlarged_cardiac_silhouette", DEGREE): "ctr",
}
COLUMNS = ["sentence", "finding", "factor", "level", "rank"]


def asked_of(findings: Findings, ruled: bool) -> pd.DataFrame:
    """All sentences to ask of a generator, the empty one first; sides and heights only where they are ``ruled``.

    Columns: sentence; finding; factor (``state``, ``degree``, ``side``, ``zone``, ``nothing``); level, the word in
    question; rank, its place among the levels. Findings of phantoms are told in the first phrase of their reports.
    """
    rows = [("", None, NOTHING, "nothing", 0)]
    for finding in findings:
        asked = [
            row
            for row in _sentences(finding)
            if row[1] in (STATE, DEGREE) or (ruled and (finding.name, row[1]) in MEASURES)
        ]
        rows += [(text, finding.name, *level) for text, *level in asked]
    return pd.DataFrame(rows, columns=COLUMNS)


def _sentences(finding: Finding) -> Iterator[tuple[str, str, str, int]]:
    for rank, state in enumerate(LEVELS[STATE]):
        words = finding.words if state == "present" else f"no {finding.words}"
        yield _sentence(words), STATE, state, rank
    way = phrases.TRAINED[finding.name][0] if finding.name in phrases.DEGREES else PLAIN
    degrees = phrases.DEGREES.get(finding.name, DEGREES)
    for factor, levels in ((DEGREE, degrees), (SIDE, LEVELS[SIDE]), (ZONE, LEVELS[ZONE])):
        if f"{{{factor}}}" not in way:
            continue
        for rank, level in enumerate(levels):
            filled = USUAL | {"words": finding.words, "degree": degrees[-1]} | {factor: level}
            yield _sentence(way.format(**filled)), factor, level, rank


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:].removesuffix(".") + "."
