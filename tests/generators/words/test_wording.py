"""Nothing is told of an image that nobody has said of it: labels in words, or sentences of its report."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.cohort.phantom import phrases
from helpers.findings import ABSENT, ORIGINAL, PRESENT, UNSPECIFIED
from helpers.generators.words import wording
from helpers.generators.words.wording import (
    KEPT,
    MODIFIED,
    NORMAL,
    NOTHING,
    ONE,
    RARE,
    REPORTS,
    SHUFFLED,
    sentences_of,
    told,
)

NAMED = {
    "atelectasis": ("atelectasis",),
    "lung_opacity": ("opacity",),
    "pleural_effusion": ("effusion",),
    "enlarged_cardiac_silhouette": ("silhouette", "cardiomegaly", "heart"),
}  # how words tell that a finding is meant
STATES = st.lists(st.sampled_from([ABSENT, PRESENT, UNSPECIFIED]), min_size=4, max_size=4)
REPORT = "Left effusion. Heart size is normal. Lungs are clear. No fracture."
MANY = 4000


def named_in(words):
    """Whether each finding of the study is named."""
    return [any(part in words.lower() for part in NAMED[name]) for name in ORIGINAL.names]


def drawn(text, states, count=MANY, said=None):
    """What an image is told over and over."""
    rng = np.random.default_rng(1)
    return [told(text, states, ORIGINAL, rng, said or sentences_of([text])) for _ in range(count)]


@given(states=STATES, seed=st.integers(0, 2**32))
def test_no_uncertain_or_blank_label_is_put_into_words(states, seed):
    words = told(None, states, ORIGINAL, np.random.default_rng(seed), {})
    if words in NORMAL:  # which says of every finding that it is absent
        assert states == [ABSENT] * 4
        return
    assert all(state != UNSPECIFIED for state, named in zip(states, named_in(words), strict=True) if named)


@given(state=st.sampled_from([ABSENT, PRESENT]), place=st.integers(0, 3), seed=st.integers(0, 2**32))
def test_absent_is_denied_and_present_is_not(state, place, seed):
    words = wording.of_label(ORIGINAL[place], state, np.random.default_rng(seed)).lower()
    denied = any(part in words for part in ("no ", "not ", "normal", "without", "absen"))
    assert denied == (state == ABSENT)


def test_a_share_of_the_present_findings_has_one_or_two_words_before_it_that_change_nothing():
    rng, counts = np.random.default_rng(1), {}
    for state in (PRESENT, ABSENT):
        said = [wording.of_label(ORIGINAL[2], state, rng).lower().split() for _ in range(MANY)]
        counts[state] = [sum(word in wording.MODIFIERS for word in words) for words in said]
    assert set(counts[ABSENT]) == {0} and set(counts[PRESENT]) == {0, 1, 2}
    assert np.mean(np.array(counts[PRESENT]) > 0) == pytest.approx(MODIFIED, abs=0.03)
    assert np.mean(np.array(counts[PRESENT]) > 1) == pytest.approx(MODIFIED**2, abs=0.03)


def test_a_share_of_images_is_told_nothing():
    silent = np.mean([words == "" for words in drawn(REPORT, [1, 0, 1, 0])])
    assert silent == pytest.approx(NOTHING, abs=0.02)


def test_the_others_are_told_their_report_or_their_labels_by_turns():
    said = [words for words in drawn("Portable.", [1, 0, 1, 0]) if words]
    assert np.mean([words == "Portable." for words in said]) == pytest.approx(REPORTS, abs=0.03)


def test_the_words_of_some_short_single_sentences_are_in_any_order():
    said = [words for words in drawn("A small effusion, left.", [UNSPECIFIED] * 4) if words]
    assert {frozenset(wording.WORD.findall(words)) for words in said} == {frozenset(("A", "small", "effusion", "left"))}
    shuffled = [words for words in said if words != "A small effusion, left."]
    assert len(shuffled) / len(said) == pytest.approx((ONE + (1 - ONE) * (1 - KEPT)) * SHUFFLED, abs=0.03)
    assert len(set(shuffled)) == 24


def test_a_long_sentence_keeps_the_order_of_its_words_since_it_may_say_several_things():
    long = "Opacity in the right upper and the left lower lung."
    assert set(drawn(long, [UNSPECIFIED] * 4)) == {"", long}


@pytest.mark.parametrize("pool", [phrases.TRAINED, phrases.HELD_OUT])
def test_no_phrase_of_a_report_falls_apart_so_that_a_part_alone_says_the_contrary(pool):
    assert all(len(wording.SENTENCE.split(way)) == 1 for ways in pool.values() for way in ways)


def test_a_report_loses_sentences_but_never_all_nor_their_order(monkeypatch):
    monkeypatch.setattr(wording, "SHUFFLED", 0)
    sentences = REPORT.replace(". ", ".|").split("|")
    kept = []
    for words in filter(None, drawn(REPORT, [UNSPECIFIED] * 4)):
        places = [sentences.index(sentence) for sentence in words.replace(". ", ".|").split("|")]
        assert places == sorted(places) and places
        kept.append(len(places))
    single = ONE + (1 - ONE) * 4 * KEPT * (1 - KEPT) ** 3
    assert np.mean(np.equal(kept, 1)) == pytest.approx(single, abs=0.03)
    assert {1, 2, 3, 4} == set(kept)


def test_a_sentence_that_many_reports_have_is_told_less_often(monkeypatch):
    monkeypatch.setattr(wording, "SHUFFLED", 0)
    said = sentences_of(["Left effusion. No fracture.", *["No fracture."] * 15, None])
    assert said == {"Left effusion.": 1, "No fracture.": 16}
    told_of = drawn("Left effusion. No fracture.", [UNSPECIFIED] * 4, said=said)
    single = ONE + (1 - ONE) * (1 - KEPT) ** 2  # the others are told a selection of sentences
    rare = single * 16**RARE / (1 + 16**RARE) + (1 - ONE) * KEPT * (1 - KEPT)
    alone = np.mean([words == "Left effusion." for words in filter(None, told_of)])
    assert alone == pytest.approx(rare, abs=0.03)


def test_a_single_label_is_told_more_often_than_several():
    counts = [sum(named_in(words)) for words in drawn(None, [1, 0, 1, 0]) if words]
    assert np.mean(np.equal(counts, 1)) == pytest.approx(ONE + (1 - ONE) / 4, abs=0.03)
    assert set(counts) == {1, 2, 3, 4}


def test_an_image_without_report_and_labels_is_told_nothing():
    assert set(drawn(None, [UNSPECIFIED] * 4, 50)) == {""}


def test_normal_is_said_where_every_finding_is_absent():
    said = set(drawn(None, [ABSENT] * 4))
    assert set(NORMAL) <= said


def test_the_same_random_numbers_give_the_same_words():
    assert drawn(REPORT, [1, 0, -1, 0], 50) == drawn(REPORT, [1, 0, -1, 0], 50)


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ([0, -1, 1, -1], "No atelectasis. Pleural effusion."),
        ([-1, -1, -1, 1], "Enlarged cardiac silhouette."),
        ([-1] * 4, ""),
    ],
)
def test_plain_words_are_always_the_same(states, words):
    assert wording.plain(states, ORIGINAL) == words
