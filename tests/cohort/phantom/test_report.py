"""What a report on a phantom says is what was drawn: every sentence is read back and compared with the truth."""

import re
from functools import cache

import numpy as np
import pytest

from helpers.cohort.phantom import phrases, render, said_facts
from helpers.cohort.phantom.disease import AT, DRAWN, ECS, LO, PE, draw_disease
from helpers.cohort.phantom.patient import DEVICE_RATES, draw_patient
from helpers.cohort.phantom.report import report

WORDS = {
    "atelectasis": AT, "opacity": LO, "opacities": LO, "effusion": PE, "effusions": PE, "heart": ECS, "silhouette": ECS,
}  # fmt: skip
ORDER = {"small": 0, "mild": 0, "mildly": 0, "moderate": 1, "moderately": 1, "large": 2, "severe": 2, "severely": 2}
ORDER |= {"extensive": 2}
DENIED = {"no", "not", "normal", "clear"}
SEEDS = range(300)


@cache
def truth_of(index):
    who, ill = (np.random.default_rng([5, index, stream]) for stream in range(2))
    return said_facts(draw_patient(who), draw_disease(ill))


@pytest.fixture(scope="module", params=[False, True], ids=["trained", "held out"])
def read(request):
    """(truth, sentences as lists of words in lower case) of some hundred phantoms."""
    truths = [truth_of(index) for index in SEEDS]
    texts = [report(truth, [5, index], request.param) for index, truth in enumerate(truths)]
    return [
        (truth, [_words(part) for part in re.split(r"\. ?", text) if part])
        for truth, text in zip(truths, texts, strict=True)
    ]


def _words(sentence):
    return re.findall(r"[a-z]+", sentence.lower())


def _findings(words):
    """Findings that a sentence names; the lungs are named by themselves where they are clear."""
    found = {WORDS[word] for word in words if word in WORDS}
    return set(DRAWN) if "clear" in words or words == ["normal", "chest", "radiograph"] else found


def test_a_finding_that_is_present_is_always_told_and_one_that_is_denied_is_absent(read):
    denials = 0
    for truth, sentences in read:
        told = {name for words in sentences if not DENIED & set(words) for name in _findings(words)}
        denied = {name for words in sentences if DENIED & set(words) for name in _findings(words)}
        assert told == {name for name in DRAWN if truth[name]}
        assert denied <= {name for name in DRAWN if not truth[name]}
        denials += len(denied)
    assert denials > len(SEEDS)


def test_every_finding_is_told_with_its_own_degree_which_rises_with_its_severity(read):
    degrees = {name: {0: [], 1: [], 2: []} for name in DRAWN}
    for truth, sentences in read:
        for words in (words for words in sentences if not DENIED & set(words)):
            for name in _findings(words):
                (degree,) = {ORDER[word] for word in words if word in ORDER}
                degrees[name][degree].append(truth[f"severity_{name}"])
    for by_degree in degrees.values():
        assert max(by_degree[0]) < min(by_degree[1]) <= max(by_degree[1]) < min(by_degree[2])


def test_sides_and_zones_are_the_patients_where_they_are_told(read):
    placed = []
    for truth, sentences in read:
        for words in (words for words in sentences if not DENIED & set(words)):
            told = {word for word in words if word in ("right", "left", "upper", "mid", "lower", "both", "bilateral")}
            match _findings(words):
                case found if found == {PE}:
                    both = [{"bilateral"}] if truth[f"side_{PE}"] == "both" else []
                    assert told in (set(), {truth[f"side_{PE}"]}, *both)
                    placed.append(bool(told))
                case found if found and found <= {AT, LO}:
                    assert told in (set(), set(re.findall(r"[a-z]+", truth[f"place_{next(iter(found))}"])))
                    placed.append(bool(told))
                case _:
                    assert not told
    assert np.mean(placed) > 0.75


def test_view_sex_decade_and_devices_are_those_of_the_examination(read):
    seen = set()
    for truth, sentences in read:
        flat = [word for words in sentences for word in words]
        seen |= {"view"} if {"pa", "ap"} & set(flat) else set()
        assert {"pa", "ap"} & set(flat) <= {truth["view"].lower()}
        assert {"her": "F", "his": "M"}.get(next((w for w in flat if w in ("her", "his")), ""), truth["sex"]) == truth[
            "sex"
        ]
        decades = set(phrases.DECADES) & set(flat)
        assert decades <= {phrases.DECADES[truth["age"] // 10 - 1]}
        for name, words in phrases.DEVICES.items():
            assert truth[f"device_{name}"] or _words(words)[-1] not in flat
        devices = [words for words in sentences if "devices" in words or "place" in words]
        for words in devices:
            assert ("no" in words) != any(truth[f"device_{name}"] for name in DEVICE_RATES)
        seen |= {"decade"} if decades else set()
    assert seen == {"view", "decade"}


def test_a_report_fits_into_a_text_encoder_of_77_tokens_and_has_few_words():
    texts = [report(truth_of(index), [5, index], held_out) for index in SEEDS for held_out in (False, True)]
    tokens = [re.findall(r"[A-Za-z]+|[^\sA-Za-z]", text) for text in texts]
    assert max(map(len, tokens)) + 2 <= 77
    assert len({token.lower() for text in tokens for token in text}) < 110


def test_held_out_phrases_are_none_of_the_others_but_have_their_words():
    for name, ways in phrases.HELD_OUT.items():
        assert ways and not set(ways) & set(phrases.TRAINED[name])
    assert phrases.HELD_OUT.keys() == phrases.TRAINED.keys()
    trained, held_out = (
        {word for index in SEEDS for word in _words(report(truth_of(index), [5, index], pool))}
        for pool in (False, True)
    )
    assert held_out <= trained


def test_a_report_follows_from_its_seed_and_one_phantom_can_be_told_in_many_ways():
    truth = truth_of(3)
    assert report(truth, 1) == report(truth, 1)
    assert len({report(truth, seed) for seed in range(50)}) > 30


def test_findings_lie_where_the_facts_say():
    """On the right or left of the image's middle, and from apex to base by zone."""
    heights = {"upper": [], "mid": [], "lower": []}
    for index in range(24):
        phantom = render(8, index, {LO: 0.6}, size=48)
        places_said = phantom.facts[f"place_{LO}"].split(", ")
        if len(places_said) > 1:
            continue
        row, column = np.nonzero(phantom.masks[LO])
        lungs = np.nonzero(phantom.masks["lungs"])
        side, zone = places_said[0].split()
        assert (column.mean() < lungs[1].mean()) == (side == "right")
        heights[zone].append((row.mean() - lungs[0].min()) / np.ptp(lungs[0]))
    means = [np.mean(heights[zone]) for zone in ("upper", "mid", "lower")]
    assert means == sorted(means) and all(heights.values())
