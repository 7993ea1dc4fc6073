import numpy as np
import pytest
from made_up_generators import loaded

from helpers.errors import RunError, SampleError
from helpers.explore.generator_bench import GeneratorBench
from helpers.generators.between import Between


@pytest.fixture
def bench(material):
    return loaded(GeneratorBench(material))


def test_its_sources_and_options_are_those_that_the_run_drew_with(bench):
    assert list(bench.specs) == ["gan", "diffusion"]
    assert bench.options("gan") == {"truncation": 0.9, "emphasis": 1.0} and bench.is_fast("gan")
    assert bench.options("diffusion")["steps"] == 2 and not bench.is_fast("diffusion")


def test_findings_seed_and_options_reach_the_generator(bench):
    first = bench.draw("gan", {"atelectasis": 1}, 10, {"truncation": 0.5, "emphasis": 1.0})
    other = bench.draw("gan", {"atelectasis": 0}, 20, {"truncation": 1.0, "emphasis": 1.0})
    assert first.dtype == np.uint8 and first[1, 1] == round((0.25 + 0.01) * 255)
    assert (first[0, 0], other[0, 0]) == (128, 64) and other[1, 1] > first[1, 1]


def test_two_seeds_are_mixed(bench):
    options = {"truncation": 0.5, "emphasis": 1.0}
    first, second = (bench.draw("gan", {}, seed, options)[1, 1] for seed in (0, 200))
    mixed = bench.draw("gan", {}, Between(0, 200, 0.5), options)[1, 1]
    assert int(first) < int(mixed) < int(second)


def test_of_one_finding_there_is_more_and_less_while_all_else_stays(bench):
    options, asked = {"truncation": 0.2, "emphasis": 1.0}, {"atelectasis": 1, "pleural_effusion": 0}
    draw = lambda share: bench.draw("gan", asked, 10, options, more=("atelectasis", share))  # noqa: E731
    assert np.array_equal(draw(1.0), bench.draw("gan", asked, 10, options))
    assert np.array_equal(draw(0.0), bench.draw("gan", {**asked, "atelectasis": 0}, 10, options))
    assert draw(2.0)[0, 0] > draw(1.0)[0, 0] > draw(0.5)[0, 0] and draw(2.0)[1, 1] == draw(0.5)[1, 1]
    with pytest.raises(SampleError, match="knows no way"):
        bench.draw("diffusion", asked, 10, bench.options("diffusion"), more=("atelectasis", 2.0))


def test_every_step_of_diffusion_is_shown_and_nothing_watches_afterwards(bench):
    steps = []
    for _ in range(2):
        bench.draw(
            "diffusion", {}, 1, bench.options("diffusion"), lambda done, image: steps.append((done, image[0, 0]))
        )
    assert steps == [(1, 128), (2, 191)] * 2
    assert not bench.generator("diffusion").pipeline.unet._forward_hooks


def test_a_pipeline_that_foresees_no_images_is_not_watched(bench):
    bench.generator("diffusion").pipeline.scheduler.config["prediction_type"] = "epsilon"
    bench.draw("diffusion", {}, 1, bench.options("diffusion"), lambda *_: pytest.fail("noise is no image"))


def test_findings_are_put_into_words_and_any_words_are_drawn(bench):
    assert bench.is_told_in_words("diffusion") and not bench.is_told_in_words("gan")
    assert bench.words("diffusion", {"atelectasis": 0, "pleural_effusion": 1}) == "no atelectasis, pleural effusion"
    assert bench.words("diffusion", {"atelectasis": -1}) == ""
    options = bench.options("diffusion")
    drawn = [bench.draw("diffusion", asked, 1, options) for asked in ({"atelectasis": 0}, "no atelectasis", "a heart")]
    assert bench.generator("diffusion").told == ["no atelectasis", "no atelectasis", "a heart"]
    assert np.array_equal(drawn[0], drawn[1]) and not np.array_equal(drawn[1], drawn[2])


def test_a_blank_image_is_an_error_that_names_its_source(bench, monkeypatch):
    monkeypatch.setattr(bench.generator("gan"), "sample", lambda *_, **__: np.zeros((1, 16, 16), np.float32))
    with pytest.raises(SampleError, match="source 'gan', seed 3"):
        bench.draw("gan", {}, 3, {})


def test_without_a_classifier_nothing_is_seen(bench):
    assert bench.seen(np.zeros((16, 16), np.uint8)) == {}


def test_a_run_that_has_not_sampled_says_so(workspace):
    from made_up_run import make_run

    from helpers.explore.material import Material

    make_run().manifest("04_sample").unlink()
    with pytest.raises(RunError, match="04_sample has not finished"):
        GeneratorBench(Material("tiny"))
