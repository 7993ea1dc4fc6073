"""Words for every image of a cohort: its report where it has one, else sentences made from its labels."""

import zlib

import numpy as np
import pandas as pd

from helpers.cohort.phantom import phrases
from helpers.findings import Findings

# In braces: a finding, or findings in a list. Held-out templates have the same words in another order.
TRAINED = {
    "present": ("{finding}.", "There is {finding}.", "{finding} is seen.", "Findings: {finding}."),
    "absent": ("No {findings}.", "There is no {findings}.", "No {findings} is seen."),
    "nothing": ("Chest radiograph.", "Frontal chest radiograph."),
}
HELD_OUT = {
    "present": ("Seen: {finding}.", "Chest radiograph, there is {finding}."),
    "absent": ("{findings} is not seen.",),
    "nothing": ("Radiograph, frontal.",),
}


def texts_of(cohort: pd.DataFrame, findings: Findings, seed: int, held_out: bool = False) -> list[str]:
    """One text for each row of a cohort table; none is empty.

    A row without ``text`` gets sentences from its labels: every one of the ``findings`` that is present and every one
    that is absent, in any order; blank and uncertain labels are not mentioned. View, sex and decade of age are told in
    half of the texts where they are known. Words follow from ``seed`` and the image_id alone. ``held_out`` takes the
    templates that no training may use, for rows without ``text``.
    """
    given = cohort["text"] if "text" in cohort else pd.Series(None, index=cohort.index, dtype=object)
    rows = zip(given, cohort.to_dict("records"), strict=True)
    return [_sentences(row, findings, seed, held_out) if pd.isna(text) else str(text) for text, row in rows]


def _sentences(row: dict, findings: Findings, seed: int, held_out: bool) -> str:
    ways, people = (HELD_OUT, phrases.HELD_OUT) if held_out else (TRAINED, phrases.TRAINED)
    rng = np.random.default_rng([seed, zlib.crc32(str(row["image_id"]).encode())])
    titles = {state: [f.title.lower() for f in findings if _state(row[f.name]) == state] for state in (1, 0)}
    for names in titles.values():
        rng.shuffle(names)
    said = [phrases.say(ways["present"], rng, finding=name) for name in titles[1]]
    together = [phrases.listed(titles[0], "or")] if titles[0] and rng.random() < 0.5 else titles[0]
    said += [phrases.say(ways["absent"], rng, findings=names) for names in together]
    front = []
    if not pd.isna(row["view"]) and rng.random() < 0.5:
        front.append(phrases.say(people[row["view"]], rng))
    if not (pd.isna(row["sex"]) or pd.isna(row["age"])) and 10 <= row["age"] < 100 and rng.random() < 0.5:
        front.append(phrases.say(people["patient"], rng, **phrases.person(row["sex"], row["age"])))
    return " ".join([*front, *said]) or phrases.say(ways["nothing"], rng)


def _state(label) -> int | None:
    return None if pd.isna(label) else int(label)
