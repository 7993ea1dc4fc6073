"""The browser gets all modules as one, which refers to no file, and in which no task is named."""

import re

from helpers.reading.script import BROWSER, EXPORT, IMPORT, joined
from helpers.tasks import TASKS

MODULES = {file.name: file.read_text() for file in BROWSER.glob("*.js")}
TOP = re.compile(r"^(?:export )?(?:class|function|const|let) (\w+)", re.MULTILINE)


def test_every_module_is_there_once_after_those_that_it_imports():
    script = joined("page.js")
    bodies = {name: EXPORT.sub("", IMPORT.sub("", text)) for name, text in MODULES.items()}
    assert all(script.count(body) == 1 for body in bodies.values())
    assert len(script) < sum(map(len, MODULES.values()))
    for name, text in MODULES.items():
        assert all(script.index(bodies[other]) < script.index(bodies[name]) for other in IMPORT.findall(text))


def test_nothing_is_imported_or_exported_but_the_widget():
    assert re.findall(r"^(?:import|export)\b.*", joined(), re.MULTILINE) == ["export default {"]


def test_no_two_modules_use_one_name_at_their_top():
    names = TOP.findall(joined("page.js"))
    assert len(names) == len(set(names)) > 30


def test_no_module_knows_a_task_by_its_name():
    words = {word for task in TASKS.values() for word in (task.name, task.words, *task.answers) if word.isidentifier()}
    script = joined("page.js")
    quoted = [word for word in words if re.search(rf"""["'`]{word}["'`]""", script)]
    assert quoted == [] and not [name for name in TASKS if name in script]


def test_a_module_can_be_held_in_the_head():
    assert {name: text.count("\n") for name, text in MODULES.items() if text.count("\n") > 310} == {}
