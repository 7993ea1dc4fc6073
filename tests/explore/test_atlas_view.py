import numpy as np
import pandas as pd
import pytest

from helpers.explore.atlas_view import AtlasView, coded
from helpers.explore.case_view import CaseView
from helpers.explore.feature_atlas import Atlas


@pytest.fixture
def points() -> pd.DataFrame:
    names = ["phantom-000000", "gan-atelectasis_present-00000", "diffusion-lung_opacity_absent-00001"]
    table = pd.DataFrame({"image_id": names, "source": ["real", "gan", "diffusion"], "rate": [np.nan, 0.5, 1.0]})
    table["template"] = [None, None, "negated"]
    return table.assign(finding=["none present", "atelectasis present", "lung_opacity absent"], x=[0, 0.5, 1], y=0.25)


@pytest.fixture
def view(points, material):
    return AtlasView(Atlas(points, 0.5), material, CaseView(material))


def test_opening_sends_places_and_the_colours_of_everything(view, listen):
    sent = listen(view)
    view.do_open({})
    message, buffers = sent[0]
    assert [one["name"] for one in message["colours"]] == ["source", "finding", "rate", "template"]
    assert np.frombuffer(buffers[0], "<f4").tolist() == [0, 0.25, 0.5, 0.25, 1, 0.25]
    assert all(len(codes) == 3 for codes in buffers[1:]) and "3 images" in message["note"]


def test_only_the_image_under_the_pointer_is_sent(view, listen):
    sent = listen(view)
    view.do_hover({"point": 1})
    message, buffers = sent[0]
    assert message["told"] == "gan-atelectasis_present-00000, right 50%" and len(buffers) == 1


def test_a_lasso_is_compared_and_its_answers_show(view, listen):
    sent = listen(view)
    view.do_lasso({"points": [1, 2]})
    assert sent[0][0]["lines"][0] == ["Images", "2", "1"] and sent[0][0]["lines"][-1] == ["Right answers", "75%", "–"]
    names = ["gan-atelectasis_present-00000", "diffusion-lung_opacity_absent-00001"]
    assert view.view.chosen == {"image": names} and view.view.title == "from the atlas"
    assert len(sent) == 1  # what is inside stands out in the browser already
    view.do_lasso({"points": []})
    assert view.view.chosen == {}


def test_while_people_read_points_have_neither_colours_nor_names(view, listen, monkeypatch):
    monkeypatch.setattr(type(view.material), "tells_truth", False)
    sent = listen(view)
    view.do_open({})
    view.do_hover({"point": 1})
    view.do_lasso({"points": [1]})
    assert sent[0][0]["colours"] == [] and "gan" not in sent[1][0]["told"] and sent[2][0]["lines"] == []


def test_rates_are_coloured_by_fifths(points):
    codes, key = coded(points, "rate")
    assert codes.tolist() == [5, 2, 4] and key[5][0] == "nobody read it"


def test_images_are_coloured_by_the_template_of_their_words(points):
    codes, key = coded(points, "template")
    assert codes.tolist() == [0, 0, 1] and [title for title, _ in key] == ["no words", "negated"]


def test_another_layout_is_sent_and_chosen(view, listen, monkeypatch, points):
    monkeypatch.setattr("helpers.explore.atlas_view.atlas_of", lambda _material, by: Atlas(points, 0.25, by))
    sent = listen(view)
    view.do_layout({"by": "pixels"})
    message, _ = sent[-1]
    assert message["extractor"] == "pixels" and message["extractors"] == ["classifier", "pixels", "random"]
    assert "25%" in message["note"]


def test_what_is_filtered_elsewhere_stands_out(view, listen):
    sent = listen(view)
    view.brush(["gan-atelectasis_present-00000", "no such image"])
    view.brush(None)
    assert [(message["all"], np.frombuffer(pixels, "<u4").tolist()) for message, (pixels,) in sent] == [
        (False, [1]),
        (True, []),
    ]
