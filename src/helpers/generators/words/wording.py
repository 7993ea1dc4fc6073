"""The text given for a training image: its report or a part of it, or some of its labels in words."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from helpers.cohort.phantom import phrases
from helpers.findings import ABSENT, PRESENT, UNSPECIFIED, Finding, Findings

NOTHING = 0.1  # share of images without text, for classifier-free guidance
REPORTS = 0.8  # of the others that have a report, the share for which it is used
KEPT = 0.75  # chance that a sentence of a report is used
ONE = 0.8  # share of the images for which one label or one sentence is used, as in a study's prompts
SHUFFLED, SHORT = 0.15, 9  # share of single sentences with words in any order, as in a prompt; their words, at most
RARE = 0.75  # one sentence is drawn with a chance that falls with this power of how often it occurs in all reports

SENTENCE, WORD = re.compile(r"(?<=[.;!?])\s+"), re.compile(r"[\w'-]+")
WAYS = {
    PRESENT: (
        "{finding}",
        "{finding}.",
        "There is {finding}.",
        "{finding} is seen.",
        "{finding} is present.",
        "Findings: {finding}.",
    ),
    ABSENT: (
        "no {finding}",
        "No {finding}.",
        "There is no {finding}.",
        "No {finding} is seen.",
        "no evidence of {finding}",
        "without {finding}",
        "absence of {finding}",
        "{finding} is absent.",
        "{finding} is not present.",
    ),
}
# Words before a finding in a radiologist's report, which change nothing in a phantom.
MODIFIERS = ("new", "stable", "persistent", "worsening", "known", "focal", "patchy", "subtle", "bibasilar", "acute")
MODIFIED = 0.3  # share of the present findings with one of them; of these, the same share has two
NORMAL = ("no findings", "No findings.", "Normal chest radiograph.")
# Other names for a finding, and ways to say that it is absent.
ALSO = {"enlarged_cardiac_silhouette": ("cardiomegaly", "enlarged heart")}
DENIED = {"enlarged_cardiac_silhouette": ("normal heart size", *phrases.TRAINED["normal_heart"])}


def sentences_of(texts: Iterable[str | None]) -> Counter[str]:
    """How often each sentence occurs in the reports of a data set."""
    return Counter(sentence for text in texts if text for sentence in SENTENCE.split(text))


def told(
    text: str | None, states: Sequence[int], findings: Findings, rng: np.random.Generator, said: Mapping[str, int]
) -> str:
    """Text for an image from its report (None without) or the states of its findings; empty if nothing is said.

    ``said`` tells how often each sentence occurs in all reports.
    """
    if rng.random() < NOTHING:
        return ""
    if text and rng.random() < REPORTS:
        return _part(SENTENCE.split(text), rng, said)
    known = [place for place, state in enumerate(states) if state != UNSPECIFIED]
    if not known:
        return ""
    count = 1 if rng.random() < ONE else int(rng.integers(1, len(known) + 1))
    chosen = rng.permutation(known)[:count]
    if len(states) == count > 1 and all(state == ABSENT for state in states) and rng.random() < ONE:
        return str(rng.choice(NORMAL))
    return _joined([of_label(findings[place], int(states[place]), rng) for place in chosen])


def _part(sentences: Sequence[str], rng: np.random.Generator, said: Mapping[str, int]) -> str:
    """One random sentence of a report, a rare one rather, or a random selection of its sentences.

    A single sentence that is so short that it says one thing may have its words in any order.
    """
    kept = [sentence for sentence in sentences if rng.random() < KEPT] if rng.random() >= ONE else []
    if kept:
        return " ".join(kept)
    chances = np.array([float(said.get(sentence, 1)) ** -RARE for sentence in sentences])
    sentence = sentences[rng.choice(len(sentences), p=chances / chances.sum())]
    words = WORD.findall(sentence)
    return f"{' '.join(rng.permutation(words))}." if len(words) <= SHORT and rng.random() < SHUFFLED else sentence


def of_label(finding: Finding, state: int, rng: np.random.Generator) -> str:
    """A random way to say that a finding is present or absent."""
    if state == ABSENT and finding.name in DENIED and rng.random() < 0.5:
        return str(rng.choice(DENIED[finding.name]))
    called = str(rng.choice([finding.words, *ALSO.get(finding.name, ())]))
    modifiers = rng.permutation(MODIFIERS)[:2]
    for place, chance in enumerate(rng.random(2)):
        if state != PRESENT or chance >= MODIFIED:
            break
        called = f"{modifiers[place]} {called}"
    said = str(rng.choice(WAYS[state])).format(finding=called)
    return said if rng.random() < 0.5 else said[0].upper() + said[1:]


def plain(states: Sequence[int], findings: Findings) -> str:
    """States in words, always the same: ``No atelectasis. Pleural effusion.``; empty if none is specified."""
    named = [(finding.words, state) for finding, state in zip(findings, states, strict=True) if state != UNSPECIFIED]
    said = [words if state == PRESENT else f"no {words}" for words, state in named]
    return " ".join(f"{words[0].upper()}{words[1:]}." for words in said)


def _joined(said: Sequence[str]) -> str:
    """Join sentences with spaces, or bare words with commas."""
    if all(not words.endswith(".") for words in said):
        return ", ".join(said)
    return " ".join(words if words.endswith(".") else f"{words}." for words in said)
