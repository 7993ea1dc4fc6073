"""Every study cell has words, and the words of the original study are kept."""

import numpy as np
import pytest
import yaml

from helpers.errors import ParameterError
from helpers.findings import ORIGINAL, Cell
from helpers.generators.prompts import TEMPLATES, prompt_for, read_template, read_templates

CELLS = ORIGINAL.cells
condition = ORIGINAL.condition


def test_the_original_study_is_reproduced_word_for_word():
    words = read_template("original", ORIGINAL)
    said = {cell.label: prompt_for(words, ORIGINAL, condition(cell)) for cell in CELLS}
    assert said["atelectasis_present"] == "atelectasis"
    assert said["lung_opacity_present"] == "lung opacity"
    assert said["pleural_effusion_present"] == "pleural effusion"
    assert said["enlarged_cardiac_silhouette_present"] == "cardiomegaly"
    assert {said[cell.label] for cell in CELLS if not cell.present} == {"no findings"}


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_says_something_else_for_present_and_absent(name):
    words = read_template(name, ORIGINAL)
    for cell in CELLS[::2]:
        absent = Cell(cell.finding, 0)
        assert prompt_for(words, ORIGINAL, condition(cell)) != prompt_for(words, ORIGINAL, condition(absent))


def test_a_template_that_is_not_the_original_tells_the_findings_apart_when_absent():
    words = read_template("negated", ORIGINAL)
    assert len({words[cell] for cell in CELLS}) == len(CELLS)


def test_several_findings_are_joined_and_the_same_words_said_once():
    words = read_template("original", ORIGINAL)
    assert prompt_for(words, ORIGINAL, np.array([1, -1, 1, -1])) == "atelectasis, pleural effusion"
    assert prompt_for(words, ORIGINAL, np.array([0, 0, 0, 0])) == "no findings"


def test_a_condition_without_any_finding_has_no_prompt():
    with pytest.raises(ParameterError, match="unspecified"):
        prompt_for(read_template("original", ORIGINAL), ORIGINAL, np.full(4, -1))


def test_own_words_come_from_a_file(tmp_path):
    names = [cell.finding for cell in CELLS[::2]]
    template = {"present": {n: f"with {n}" for n in names}, "absent": {n: f"without {n}" for n in names}}
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(template))
    assert (
        prompt_for(read_template(path, ORIGINAL), ORIGINAL, condition(Cell("atelectasis", 0))) == "without atelectasis"
    )


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("orignal", "choose original"),
        ("nowhere.yaml", "cannot be read"),
        ({"present": {}}, "present and absent"),
        ({"present": {"atelectasis": "a"}, "absent": {}}, "no words for lung_opacity"),
    ],
)
def test_a_wrong_template_is_refused_with_what_to_do(template, message, tmp_path):
    if isinstance(template, dict):
        path = tmp_path / "mine.yaml"
        path.write_text(yaml.safe_dump(template))
        template = path
    with pytest.raises(ParameterError, match=message):
        read_template(template, ORIGINAL)


def test_empty_words_are_refused(tmp_path):
    names = [cell.finding for cell in CELLS[::2]]
    template = {"present": dict.fromkeys(names, "x"), "absent": dict.fromkeys(names, " ")}
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(template))
    with pytest.raises(ParameterError, match="absent, atelectasis"):
        read_template(path, ORIGINAL)


def test_several_templates_are_told_apart_by_name(tmp_path):
    path = tmp_path / "mine.yaml"
    names = [cell.finding for cell in CELLS[::2]]
    path.write_text(yaml.safe_dump({"present": dict.fromkeys(names, "ill"), "absent": dict.fromkeys(names, "well")}))
    words = read_templates(["original", path], ORIGINAL)
    assert list(words) == ["original", "mine"]
    assert prompt_for(words["mine"], ORIGINAL, condition(CELLS[0])) == "ill"
    assert list(read_templates("severe", ORIGINAL)) == ["severe"]


@pytest.mark.parametrize("templates", [[], ["original", "original"]])
def test_no_template_and_the_same_twice_are_refused(templates):
    with pytest.raises(ParameterError, match="at least one prompt template, and each once"):
        read_templates(templates, ORIGINAL)
