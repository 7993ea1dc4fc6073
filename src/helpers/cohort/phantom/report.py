"""A radiologist's report on a phantom, written from what was drawn, so that words and image agree."""

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.cohort.phantom import phrases
from helpers.cohort.phantom.disease import AT, ECS, LO, PE

STEPS = (0.4, 0.7)  # severities from which the second and third degree words are used
SPOKEN = {"view": 0.7, "patient": 0.5, "devices": 0.7, "absent": 0.4}  # how often an impression mentions these


def report(facts: Mapping, seed: int | Sequence[int], held_out: bool = False) -> str:
    """One report of about 5 to 60 words on a phantom with these facts, as returned by ``render``.

    Half of the reports are an impression: every finding that is present, in any order, and only some of what is absent
    or incidental. The others are findings: everything, from the lungs to the heart. Wording and style depend on
    ``seed`` alone. ``held_out`` uses the phrases never used in training. Degrees change at the severities ``STEPS``; an
    effusion on both sides has the degree of the larger one.
    """
    rng = np.random.default_rng(seed)
    ways = phrases.HELD_OUT if held_out else phrases.TRAINED
    impression = rng.random() < 0.5
    spoken = {name: not impression or rng.random() < rate for name, rate in SPOKEN.items()}
    present = [finding for finding in (LO, AT, PE, ECS) if facts[finding]]
    absent = [finding for finding in (LO, AT, PE, ECS) if not facts[finding]]
    said = [_present(facts, finding, ways, rng) for finding in present]
    denied = _absent(absent, ways, rng) if absent and (spoken["absent"] or not present) else []
    if impression:
        rng.shuffle(said)
    front = [phrases.say(ways[facts["view"]], rng)] if spoken["view"] else []
    front += (
        [phrases.say(ways["patient"], rng, **phrases.person(facts["sex"], facts["age"]))] if spoken["patient"] else []
    )
    return " ".join([*front, *said, *denied, *(_devices(facts, ways, rng) if spoken["devices"] else [])])


def degree(severity: float) -> int:
    """Index of the degree word for a severity (above 0, up to 1): 0, 1 or 2."""
    return sum(severity >= step for step in STEPS)


def _present(facts: Mapping, finding: str, ways: Mapping, rng: np.random.Generator) -> str:
    filled, name = {"degree": phrases.DEGREES[finding][degree(facts[f"severity_{finding}"])]}, finding
    places = facts.get(f"place_{finding}", "").split(", ")
    if finding in (AT, LO):
        filled |= dict(zip(("side", "zone"), places[0].split(), strict=True))
    if finding == AT:
        filled["kind"] = phrases.KINDS[facts["atelectasis_kind"]]
    if finding == LO and len(places) > 1:
        name, filled["places"] = f"{finding}_several", phrases.listed(places, "and")
    if finding == PE:
        filled["side"] = facts[f"side_{finding}"]
        name = f"{finding}_both" if filled["side"] == "both" else finding
    return phrases.say(ways[name], rng, **filled)


def _absent(absent: Sequence[str], ways: Mapping, rng: np.random.Generator) -> list[str]:
    """Sentences that deny findings: in a list or one by one, the heart by itself; or one sentence if all are absent."""
    if len(absent) == len(phrases.DEGREES) and rng.random() < 0.3:
        return [phrases.say(ways["normal"], rng)]
    things = [phrases.THINGS[finding] for finding in absent if finding != ECS]
    rng.shuffle(things)
    parts = [phrases.listed(things, "or")] if things and rng.random() < 0.5 else things
    said = [phrases.say(ways["none"], rng, things=part) for part in parts]
    return said + ([phrases.say(ways["normal_heart"], rng)] if ECS in absent else [])


def _devices(facts: Mapping, ways: Mapping, rng: np.random.Generator) -> list[str]:
    seen = [words for name, words in phrases.DEVICES.items() if facts[f"device_{name}"]]
    rng.shuffle(seen)
    return [
        phrases.say(ways["devices"], rng, devices=phrases.listed(seen, "and"))
        if seen
        else phrases.say(ways["no_devices"], rng)
    ]
