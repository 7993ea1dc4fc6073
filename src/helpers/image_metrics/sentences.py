"""Sentences that each request one thing: a finding in some wording, its degree or its place; or two findings."""

from collections.abc import Iterator, Mapping

import pandas as pd

from helpers.cohort.phantom import phrases
from helpers.findings import ABSENT, PRESENT, Finding, Findings

STATE, DEGREE, SIDE, ZONE, BOTH, NOTHING = "state", "degree", "side", "zone", "both", "nothing"
LEVELS = {STATE: ("absent", "present"), SIDE: ("right", "left"), ZONE: ("upper", "mid", "lower")}
DEGREES = ("mild", "moderate", "severe")  # of findings that phantoms do not have
PLAIN, PHRASE, REORDERED = "plain", "phrase", "reordered"
PLAIN_DEGREE = "{degree} {words}."  # how the degree of such a finding is worded
HEART = "enlarged_cardiac_silhouette"  # whose absence has phrases of its own
# Words used in a sentence if they are not in question; the heart and the diaphragm hide mild opacities of a lower lung.
USUAL, ZONES = {"side": "left", "zone": "lower", "kind": "linear"}, {"lung_opacity": "mid"}
# Measurement of a finding; it increases with the rank of the word.
MEASURES = {
    ("pleural_effusion", DEGREE): "fluid",
    ("pleural_effusion", SIDE): "fluid_left",
    ("lung_opacity", DEGREE): "opacity",
    ("lung_opacity", SIDE): "opacity_left",
    ("lung_opacity", ZONE): "opacity_depth",
    (HEART, DEGREE): "ctr",
}
AND = "+"  # between the names of two findings requested together
COLUMNS = ["sentence", "finding", "factor", "wording", "level", "rank"]

Templates = Mapping[str, Mapping[tuple[str, int], str]]


def asked_of(findings: Findings, ruled: bool, templates: Templates) -> pd.DataFrame:
    """All sentences to give to a generator, the empty one first; sides and zones only if ``ruled``.

    ``templates`` are prompt templates of the study by name, their words by (finding, state). Columns: sentence;
    finding, two of them joined by ``AND`` if both are requested; factor (``STATE``, ``DEGREE``, ``SIDE``, ``ZONE``,
    ``BOTH``, ``NOTHING``); wording (for states ``PLAIN``, for findings of phantoms ``PHRASE`` and ``REORDERED`` as
    well, and each template); level, the word in question; rank, its place among the levels.
    """
    rows = [("", None, NOTHING, PLAIN, "nothing", 0)]
    for finding in findings:
        rows += [(text, finding.name, STATE, *of_state) for text, *of_state in _states(finding, templates)]
        rows += [
            (text, finding.name, factor, PHRASE, level, rank)
            for text, factor, level, rank in _sentences(finding)
            if factor == DEGREE or (ruled and (finding.name, factor) in MEASURES)
        ]
    return pd.DataFrame([*rows, *_pairs(findings)], columns=COLUMNS)


def for_sheet(asked: pd.DataFrame) -> list[str]:
    """The sentences of ``asked_of`` to show side by side: each of them once, degrees in their order, no templates."""
    graded = asked.loc[asked["factor"] == DEGREE, "sentence"]
    repeated = (asked["factor"] == STATE) & asked["sentence"].isin(graded)
    return asked.loc[~repeated & asked["wording"].isin([PLAIN, PHRASE]), "sentence"].unique().tolist()


def _states(finding: Finding, templates: Templates) -> Iterator[tuple[str, str, str, int]]:
    """Absent and present in every wording: sentence, wording, level, rank."""
    said = {PLAIN: (_sentence(f"no {finding.words}"), _sentence(finding.words))}
    if finding.name in phrases.DEGREES:
        said[PHRASE] = _phrases(finding, phrases.TRAINED)
        said[REORDERED] = _phrases(finding, phrases.HELD_OUT)
    for name, words in templates.items():
        said[name] = (words[finding.name, ABSENT], words[finding.name, PRESENT])
    for wording, texts in said.items():
        for rank, (level, text) in enumerate(zip(LEVELS[STATE], texts, strict=True)):
            yield text, wording, level, rank


def _phrases(finding: Finding, ways: Mapping[str, tuple[str, ...]]) -> tuple[str, str]:
    """How a phantom's report denies a finding and how it states a moderate one."""
    absent = ways["normal_heart"][0] if finding.name == HEART else ways["none"][0].format(things=finding.words)
    filled = _usual(finding) | {"degree": phrases.DEGREES[finding.name][1]}
    return _sentence(absent), _sentence(ways[finding.name][0].format(**filled))


def _sentences(finding: Finding) -> Iterator[tuple[str, str, str, int]]:
    """One word of a sentence changes: sentence, factor, level, rank."""
    way = phrases.TRAINED[finding.name][0] if finding.name in phrases.DEGREES else PLAIN_DEGREE
    degrees = phrases.DEGREES.get(finding.name, DEGREES)
    for factor, levels in ((DEGREE, degrees), (SIDE, LEVELS[SIDE]), (ZONE, LEVELS[ZONE])):
        if f"{{{factor}}}" not in way:
            continue
        for rank, level in enumerate(levels):
            filled = _usual(finding) | {"words": finding.words, "degree": degrees[-1]} | {factor: level}
            yield _sentence(way.format(**filled)), factor, level, rank


def _usual(finding: Finding) -> dict[str, str]:
    return USUAL | {"zone": ZONES.get(finding.name, USUAL["zone"])}


def _pairs(findings: Findings) -> Iterator[tuple]:
    """Each finding together with the next, and the last with the first."""
    known = list(findings)
    for first, second in zip(known, known[1:] + known[: len(known) > 2], strict=False):
        text = f"{_sentence(first.words)} {_sentence(second.words)}"
        yield text, AND.join((first.name, second.name)), BOTH, PLAIN, "both", 0


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:].removesuffix(".") + "."
