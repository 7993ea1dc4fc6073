"""Sentences ask for one thing each, or for two, and change one word at a time."""

from helpers.findings import ABSENT, ORIGINAL, PRESENT, Findings
from helpers.image_metrics.sentences import MEASURES, asked_of, for_sheet

TEMPLATES = {
    "single": {
        (name, state): f"{said} {name}"
        for name in ORIGINAL.names
        for state, said in ((PRESENT, "with"), (ABSENT, "without"))
    }
}


def levels(asked, finding, factor, wording):
    rows = (asked["finding"] == finding) & (asked["factor"] == factor) & (asked["wording"] == wording)
    return asked[rows].sort_values("rank")


def test_nothing_is_asked_first_and_every_finding_present_and_absent_in_every_wording():
    asked = asked_of(ORIGINAL, True, TEMPLATES)
    assert asked["sentence"].iloc[0] == ""
    for finding in ORIGINAL.names:
        for wording in ("plain", "phrase", "reordered", "single"):
            assert levels(asked, finding, "state", wording)["level"].tolist() == ["absent", "present"]


def test_a_template_is_asked_in_its_own_words():
    asked = asked_of(ORIGINAL, True, TEMPLATES)
    said = levels(asked, "lung_opacity", "state", "single")["sentence"].tolist()
    assert said == ["without lung_opacity", "with lung_opacity"]


def test_a_reordered_phrase_has_the_words_of_a_learned_one_in_another_order():
    asked = asked_of(ORIGINAL, True, {})
    for finding in ORIGINAL.names:
        (_, learned), (_, other) = (
            levels(asked, finding, "state", wording)["sentence"] for wording in ("phrase", "reordered")
        )
        assert learned != other
        assert "moderate" in learned.lower() and "moderate" in other.lower()


def test_two_findings_are_asked_for_at_once():
    both = asked_of(ORIGINAL, True, {}).query("factor == 'both'")
    assert len(both) == 4 and both["finding"].iloc[0] == "atelectasis+lung_opacity"
    assert both["sentence"].iloc[0] == "Atelectasis. Lung opacity."
    assert both["finding"].iloc[-1] == "enlarged_cardiac_silhouette+atelectasis"
    two = asked_of(Findings.from_section(["pneumothorax", "edema"]), False, {}).query("factor == 'both'")
    assert two["finding"].tolist() == ["pneumothorax+edema"]


def test_a_sheet_shows_every_sentence_once_and_degrees_in_their_order():
    asked = asked_of(ORIGINAL, True, TEMPLATES)
    shown = for_sheet(asked)
    assert len(shown) == len(set(shown)) and set(shown) == set(asked.loc[asked["wording"] != "single", "sentence"]) - {
        *asked.loc[asked["wording"] == "reordered", "sentence"]
    }
    degrees = levels(asked, "pleural_effusion", "degree", "phrase")["sentence"].tolist()
    first = shown.index(degrees[0])
    assert shown[first : first + 3] == degrees


def test_sentences_of_one_factor_differ_in_one_word():
    asked = asked_of(ORIGINAL, True, {})
    for finding, factor in [*MEASURES, ("atelectasis", "degree")]:
        words = [sentence.lower().split() for sentence in levels(asked, finding, factor, "phrase")["sentence"]]
        assert len(words) > 1
        assert {sum(a != b for a, b in zip(words[0], other, strict=True)) for other in words[1:]} == {1}


def test_a_degree_of_opacity_is_asked_for_where_neither_heart_nor_diaphragm_hides_it():
    asked = asked_of(ORIGINAL, True, {})
    opacity, plates = (levels(asked, name, "degree", "phrase")["sentence"] for name in ("lung_opacity", "atelectasis"))
    assert all("mid lung" in sentence for sentence in opacity) and all("lower lung" in sentence for sentence in plates)


def test_sides_and_heights_are_asked_for_only_where_a_ruler_can_tell():
    assert set(asked_of(ORIGINAL, False, {})["factor"]) == {"nothing", "state", "degree", "both"}
    assert set(asked_of(ORIGINAL, True, {})["factor"]) == {"nothing", "state", "degree", "both", "side", "zone"}


def test_a_finding_of_ones_own_is_asked_for_in_its_own_words():
    asked = asked_of(Findings.from_section(["pneumothorax"]), False, {})
    assert asked["sentence"].tolist() == [
        "", "No pneumothorax.", "Pneumothorax.", "Mild pneumothorax.", "Moderate pneumothorax.", "Severe pneumothorax."
    ]  # fmt: skip
