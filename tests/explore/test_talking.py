"""Views talk by messages; what goes wrong is told to the browser in words, and nothing of it is a trait."""

import pytest

from helpers.errors import RunError
from helpers.explore.talking import Talking, script, style


class View(Talking):
    _esm = "export default { render() {} }"

    def __init__(self):
        super().__init__()
        self.asked, self.told = [], []
        self.send = self.told.append

    def do_look(self, message):
        self.asked.append(message["at"])

    def do_fail(self, _message):
        raise RunError("run 'x' has no samples; run notebooks/04_sample.ipynb")


def test_a_message_calls_the_method_of_its_name():
    view = View()
    view._receive(view, {"do": "look", "at": 3}, [])
    assert view.asked == [3] and view.told == []


def test_what_goes_wrong_is_told_in_words():
    view = View()
    view._receive(view, {"do": "fail"}, [])
    assert view.told == [{"is": "trouble", "text": "run 'x' has no samples; run notebooks/04_sample.ipynb"}]


def test_what_a_view_shows_is_no_trait_that_a_notebook_could_store():
    before = set(Talking.class_traits(sync=True))
    assert set(View().traits(sync=True)) - before <= {"_esm", "_anywidget_id"}


@pytest.mark.parametrize(("entry", "taken"), [("cases.js", "class Viewer"), ("atlas.js", "render")])
def test_scripts_and_style_come_whole(entry, taken):
    whole = script(entry)
    assert taken in whole and not [line for line in whole.splitlines() if line.startswith("import ")]
    assert style().count("{") == style().count("}") and ".rr" in style()
