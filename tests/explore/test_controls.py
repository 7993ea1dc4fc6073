from helpers.explore.controls import Several, one_of, sentence, slider


def test_several_tells_what_is_ticked_and_calls_at_every_change():
    calls = []
    several = Several({"a": "A", "b": "B"}, "Letters", lambda: calls.append(1))
    several.boxes["a"].value = False
    assert several.chosen == ("b",) and calls == [1]


def test_a_slider_has_the_kind_of_its_step():
    assert isinstance(slider("n", 3, 1, 9, 1).value, int) and isinstance(slider("x", 0.3, 0.0, 1.0, 0.1).value, float)


def test_a_sentence_is_no_markup():
    assert "<b>" not in sentence("<b>").value and sentence("").value == ""


def test_of_several_buttons_one_is_pressed():
    assert one_of([("Half", "half"), ("Wrong", "wrong")], "wrong").value == "wrong"
