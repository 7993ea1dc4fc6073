import pytest

from helpers.explore.canvas import Canvas, ticks


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-0.2, 0.35), (0, 1e-3), (-5, 500)])
def test_ticks_are_few_round_and_inside(low, high):
    found = ticks(low, high)
    assert 3 <= len(found) <= 8 and low <= min(found) and max(found) <= high


def test_only_what_has_a_pick_can_be_clicked():
    canvas = Canvas()
    canvas.begin(None, "a mark")
    canvas.end()
    canvas.begin({"source": ["gan"]}, 'GAN "as asked"')
    canvas.dot(1, 2, "#000")
    canvas.end()
    drawn = canvas.drawn(10, 10)
    assert drawn.picks == ({"source": ["gan"]},) and drawn.svg.count("data-pick") == 1
    assert "GAN &quot;as asked&quot;" in drawn.svg
