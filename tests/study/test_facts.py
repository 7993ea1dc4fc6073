"""Facts of the display keep to their schema; what is wrong in them is told by field and kind, never by content."""

import pytest

from helpers.errors import ReadingError
from helpers.study.facts import checked_facts

DISPLAY = {"window": [1440, 900], "screen": [2560, 1440], "device_pixel_ratio": 1.5, "colour_depth": 24}
FACTS = {"display": DISPLAY, "ramp": {"dark": True, "bright": False}, "language": "en"}


def test_sound_facts_come_back_as_they_are():
    assert checked_facts(FACTS) == FACTS
    assert checked_facts(FACTS | {"consent_sha256": "a" * 64})["consent_sha256"] == "a" * 64


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"language": "<script>x</script>"}, "language: string_pattern_mismatch"),
        ({"display": DISPLAY | {"window": [1440]}}, "display.window: too_short"),
        ({"display": DISPLAY | {"device_pixel_ratio": float("nan")}}, "display.device_pixel_ratio: "),
        ({"ramp": {"dark": 1, "bright": False}}, "ramp.dark: bool_type"),
        ({"secret-field": 1}, "message: extra_forbidden"),
    ],
)
def test_a_fault_is_told_by_field_and_kind_and_never_by_content(changes, place):
    with pytest.raises(ReadingError, match=place) as caught:
        checked_facts(FACTS | changes)
    assert "script" not in str(caught.value) and "secret" not in str(caught.value)
