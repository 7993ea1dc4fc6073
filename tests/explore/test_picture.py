from helpers.explore.canvas import Drawing
from helpers.explore.picture import Picture


def test_a_click_hands_on_what_its_mark_picks(listen):
    picked = []
    picture = Picture(picked.append)
    sent = listen(picture)
    picture.draw(Drawing("<svg/>", ({"source": ["gan"]}, {"source": ["real"]})), "Title", "note", "exploratory")
    assert sent[0][0] == {"is": "drawing", "svg": "<svg/>", "title": "Title", "note": "note", "flag": "exploratory"}
    picture.do_pick({"pick": 1})
    picture.do_pick({"pick": 7})
    assert picked == [{"source": ["real"]}]


def test_nothing_of_a_drawing_is_a_trait():
    picture = Picture()
    picture.draw(Drawing("<svg>secret</svg>"), "secret")
    assert "secret" not in str({k: v for k, v in picture.get_state().items() if not k.startswith("_")})
