import numpy as np
import pytest
from made_up_generators import loaded

from helpers.explore.bench_view import BenchView
from helpers.explore.generator_bench import GeneratorBench


@pytest.fixture
def view(material):
    return BenchView(loaded(GeneratorBench(material)))


def test_the_gan_follows_the_hand(view, listen):
    sent = listen(view.screen)
    before = view.images[0]
    view.sliders["truncation"].value = 0.5
    assert (view.images[0] != before).any() and len(sent) == 1
    view.seed.value = 7
    assert "seed 7, truncation 0.5" in view.screen.told


def test_a_second_seed_is_mixed_in_by_its_share(view):
    before = view.images[0]
    view.second.value = 300
    assert np.array_equal(view.images[0], before)
    view.mix.value = 0.5
    assert view.images[0][1, 1] > before[1, 1] and "seed 1, 50% of seed 300" in view.screen.told
    view.mix.value = 0.0
    assert np.array_equal(view.images[0], before)


def test_more_of_a_finding_at_the_same_seed(view):
    before = view.images[0]
    view.more.value = 2.0
    assert view.images[0][0, 0] > before[0, 0] and np.array_equal(view.images[0][1:], before[1:])
    assert "seed 1, 2 × atelectasis" in view.screen.told


def test_diffusion_shows_its_steps_as_they_come(view, listen):
    sent = listen(view.screen)
    view.source.value = "diffusion"
    told = [message["told"] for message, _ in sent]
    assert told[:3] == ["Diffusion is loaded …", "Step 1 of about 2", "Step 2 of about 2"]
    assert "Diffusion, seed 1" in told[3] and len(told) == 4
    view.sliders["steps"].value = 3
    assert [message["told"] for message, _ in sent[4:7]] == [f"Step {n} of about 3" for n in (1, 2, 3)]


def test_a_source_whose_last_image_took_long_waits_for_the_button(view, listen, monkeypatch):
    view.source.value = "diffusion"
    monkeypatch.setattr("helpers.explore.bench_view.SOON", 0.0)
    sent = listen(view.screen)
    view.sliders["steps"].value = 3
    assert [message["told"] for message, _ in sent] == ["Press Draw for an image with these settings."]
    assert view.button.layout.display is None
    view.button.click()
    assert "Diffusion, seed 1" in sent[-1][0]["told"] and len(sent) == 5


def test_another_seed_draws_another_image(view):
    before = view.images[0]
    view.seed.value = 400
    view.another.click()
    assert 1 <= view.seed.value <= 1000 and f"seed {view.seed.value}," in view.screen.told
    assert not np.array_equal(view.images[0], before)


def test_only_the_options_of_the_source_are_shown(view):
    assert view.sliders["truncation"].layout.display is None and view.sliders["steps"].layout.display == "none"
    view.source.value = "diffusion"
    assert view.sliders["truncation"].layout.display == "none" and view.sliders["steps"].layout.display is None


def test_words_follow_the_findings_until_they_are_written_in(view):
    assert view.words.layout.display == "none"
    view.source.value = "diffusion"
    assert view.words.layout.display is None and view.words.value == "atelectasis"
    view.states["atelectasis"].value = 0
    assert view.words.value == "no atelectasis"
    view.words.value = "a small effusion"
    assert view.bench.generator("diffusion").told == ["atelectasis", "no atelectasis", "a small effusion"]


def test_other_words_are_drawn_beside_the_words_from_the_same_seed(view, listen):
    view.source.value = "diffusion"
    sent = listen(view.screen)
    view.other.value = "no atelectasis"
    first, other = view.images
    assert view.bench.generator("diffusion").told[1:] == ["atelectasis", "no atelectasis"]
    assert first.max() > other.max()
    assert [len(buffers) for _, buffers in sent] == [1, 1, 2, 2, 2]  # two steps each, then both
    assert sent[-1][0]["names"] == ["Words", "Other words"]


def test_without_words_nothing_is_drawn(view):
    view.source.value = "diffusion"
    view.words.value = ""
    assert view.screen.told == "Write what to draw, or ask for a finding."
    assert view.bench.generator("diffusion").told == ["atelectasis"]


def test_what_a_generator_cannot_do_is_said(view):
    view.bench._loaded.pop("gan")
    view.draw()
    assert "run" in view.screen.told or "train" in view.screen.told


def test_more_of_a_finding_goes_by_findings_also_where_a_source_is_told_in_words(view):
    view.source.value = "diffusion"
    view.words.value, view.more.value = "a heart", 1.5
    assert "knows no way" in view.screen.told and view.bench.generator("diffusion").told == ["atelectasis", "a heart"]
