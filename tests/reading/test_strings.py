"""Both languages say the same things, and their keys do not collide."""

import re

import pytest

from helpers.errors import ReadingError
from helpers.findings import LANGUAGES as QUESTION_LANGUAGES
from helpers.reading.script import BROWSER
from helpers.reading.strings import LANGUAGES, texts
from helpers.tables import CUES
from helpers.tasks import TASKS


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
    assert LANGUAGES == QUESTION_LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cue_can_be_asked_for(language):
    table = texts(language)
    assert tuple(table["cues"]) == CUES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("task", TASKS.values(), ids=list(TASKS))
def test_every_task_has_all_its_words(language, task):
    words = texts(language)["tasks"][task.words]
    assert words["question"] and words["about"]
    assert ("{finding}" in words["question"]) == task.names_finding
    assert len(words["scale"]) >= len(task.means) and len(words["places"]) >= max(1, len(task.places))
    assert set(words["truth"]) >= set(task.answers)


def test_no_words_are_left_of_a_task_that_is_gone():
    assert set(texts("en")["tasks"]) == {task.words for task in TASKS.values()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_does_two_things(language):
    table = texts(language)
    keys = [key for _, key in table["cues"].values()]
    listed = re.search(r"TOOLS = \[(.*?)\]", (BROWSER / "tools.js").read_text(), re.DOTALL)[1]
    keys += [table[tool][1] for tool in [*re.findall(r'"(\w+)"', listed), "mark"]]
    assert len(set(keys)) == len(keys) > 18
    assert all(re.fullmatch("[A-Z6?]", key) for key in keys), "numbers up to 5 are answers"


def test_an_unknown_language_is_named():
    with pytest.raises(ReadingError, match="'fr': must be one of en, es"):
        texts("fr")
