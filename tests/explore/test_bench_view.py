import pytest
from made_up_generators import loaded

from helpers.explore.bench import GeneratorBench
from helpers.explore.bench_view import BenchView


@pytest.fixture
def view(material):
    return BenchView(loaded(GeneratorBench(material)))


def test_the_gan_follows_the_hand(view, listen):
    sent = listen(view.screen)
    before = view.image
    view.sliders["truncation"].value = 0.5
    assert (view.image != before).any() and len(sent) == 1
    view.seed.value = 7
    assert "seed 7, truncation 0.5" in view.screen.told


def test_diffusion_waits_for_the_button_and_shows_its_steps(view, listen):
    view.source.value = "diffusion"
    sent = listen(view.screen)
    view.sliders["steps"].value = 3
    assert [message["told"] for message, _ in sent] == ["Press Draw for an image with these settings."]
    view.button.click()
    assert [message["told"] for message, _ in sent[1:4]] == [f"Step {n} of about 3" for n in (1, 2, 3)]
    assert "Diffusion, seed 1" in sent[-1][0]["told"]


def test_only_the_options_of_the_source_are_shown(view):
    assert view.sliders["truncation"].layout.display is None and view.sliders["steps"].layout.display == "none"
    view.source.value = "diffusion"
    assert view.sliders["truncation"].layout.display == "none" and view.sliders["steps"].layout.display is None


def test_what_a_generator_cannot_do_is_said(view):
    view.bench._loaded.pop("gan")
    view.draw()
    assert "run" in view.screen.told or "train" in view.screen.told
