"""Sentences ask for one thing each, and change one word at a time."""

from helpers.findings import ORIGINAL, Findings
from helpers.image_metrics.sentences import MEASURES, asked_of


def levels(asked, finding, factor):
    return asked[(asked["finding"] == finding) & (asked["factor"] == factor)].sort_values("rank")


def test_nothing_is_asked_first_and_every_finding_present_and_absent():
    asked = asked_of(ORIGINAL, ruled=True)
    assert asked["sentence"].iloc[0] == ""
    for finding in ORIGINAL.names:
        assert levels(asked, finding, "state")["level"].tolist() == ["absent", "present"]


def test_sentences_of_one_factor_differ_in_one_word():
    asked = asked_of(ORIGINAL, ruled=True)
    for finding, factor in [*MEASURES, ("atelectasis", "degree")]:
        words = [sentence.lower().split() for sentence in levels(asked, finding, factor)["sentence"]]
        assert len(words) > 1
        assert {sum(a != b for a, b in zip(words[0], other, strict=True)) for other in words[1:]} == {1}


def test_sides_and_heights_are_asked_for_only_where_a_ruler_can_tell():
    assert set(asked_of(ORIGINAL, ruled=False)["factor"]) == {"nothing", "state", "degree"}
    assert set(asked_of(ORIGINAL, ruled=True)["factor"]) == {"nothing", "state", "degree", "side", "zone"}


def test_a_finding_of_ones_own_is_asked_for_in_its_own_words():
    asked = asked_of(Findings.from_section(["pneumothorax"]), ruled=False)
    assert asked["sentence"].tolist() == [
        "", "No pneumothorax.", "Pneumothorax.", "Mild pneumothorax.", "Moderate pneumothorax.", "Severe pneumothorax."
    ]  # fmt: skip
