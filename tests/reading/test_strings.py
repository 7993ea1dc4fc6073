"""Both languages say the same things, and their keys do not collide."""

import re

import pytest

from helpers.errors import ReadingError
from helpers.findings import NAMES
from helpers.reading.strings import LANGUAGES, texts
from helpers.tables import CUES
from helpers.tasks import CONDITIONALITY, PAIR, SINGLE, TASKS


def shape(value):
    """Names, list lengths and placeholders of a text or a table of texts."""
    if isinstance(value, dict):
        return {name: shape(text) for name, text in value.items()}
    if isinstance(value, list):
        return [shape(text) for text in value]
    if re.fullmatch("[a-z]{2}", value):
        return "a language"
    return sorted(re.findall(r"\{\w+\}", value))


def test_every_language_has_every_text_with_the_same_placeholders():
    english = shape(texts("en"))
    assert all(shape(texts(language)) == english for language in LANGUAGES)
    assert set(LANGUAGES) >= {"en", "es"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_task_finding_and_cue_can_be_asked_for(language):
    table = texts(language)
    assert all(
        len(table[f"scale_{task}"]) == 5 and table[f"question_{task}"] for task in (PAIR, SINGLE, CONDITIONALITY)
    )
    assert all(set(table[f"truth_{task}"]) == set(TASKS[task].answers) for task in (PAIR, SINGLE, CONDITIONALITY))
    assert set(table["findings"]) == set(NAMES)
    assert tuple(table["cues"]) == CUES


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_does_two_things(language):
    table = texts(language)
    keys = [key for _, key in table["cues"].values()]
    tools = ("undo", "invert", "native", "smooth", "reset", "mark", "pause", "light", "fullscreen")
    keys += [table[tool][1] for tool in tools]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch("[A-Z]", key) for key in keys)


def test_an_unknown_language_is_named():
    with pytest.raises(ReadingError, match="'fr': must be one of en, es"):
        texts("fr")
