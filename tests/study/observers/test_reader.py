"""A simulated reader: answers follow the evidence, the traits and the seed, and nothing else."""

import numpy as np
import pytest

from helpers.study.observers.reader import Seen, SimulatedReader, decision_variable, main_reason, traits_of
from helpers.study.trials import Trial
from helpers.tables import CUES
from helpers.tasks import TASKS


def seen(finding=0.0, **deviation):
    cues = dict.fromkeys([cue for cue in CUES if cue != "other"], 0.0)
    return Seen({"atelectasis": finding}, {"all": 0.0} | cues | deviation)


def trial(task="conditionality", images=("x",), name="t"):
    return Trial(name, 1, task, "atelectasis", False, images)


def ratings(reader, seen_of, task="conditionality", images=("x",), count=200):
    return np.array([reader.read(trial(task, images, f"t{i}"), seen_of).rating for i in range(count)])


def test_strong_evidence_gives_confident_answers_and_none_gives_mixed_ones():
    reader = SimulatedReader("ada", 0, seed=1)
    assert (ratings(reader, {"x": seen(8.0)}) == 2).all()
    assert (ratings(reader, {"x": seen(-8.0)}) == -2).all()
    assert len(set(ratings(reader, {"x": seen(0.0)}))) >= 4


def test_the_noisier_reader_errs_more():
    traits = {place: traits_of("ada", place, seed=1).noise for place in range(3)}
    quiet, noisy = min(traits, key=traits.get), max(traits, key=traits.get)
    wrong = {p: (ratings(SimulatedReader("ada", p, 1), {"x": seen(0.5)}) < 0).mean() for p in (quiet, noisy)}
    assert traits[noisy] > 1.5 * traits[quiet] and wrong[noisy] > wrong[quiet]


@pytest.mark.parametrize("seed", range(5))
def test_three_readers_have_three_noises(seed):
    noises = sorted(traits_of(f"reader-{place}", place, seed).noise for place in range(3))
    assert noises[0] >= 0.3 and noises[2] <= 1.2 and min(np.diff(noises)) > 0.05


def test_the_more_deviating_image_of_a_pair_is_called_synthetic():
    reader = SimulatedReader("ada", 0, seed=1)
    pair = {"a": seen(all=9.0, bone_structure=9.0), "b": seen()}
    assert (ratings(reader, pair, "realism_pair", ("a", "b")) == -2).all()
    assert (ratings(reader, pair, "realism_pair", ("b", "a")) == 2).all()


def test_a_single_image_is_synthetic_when_it_deviates_beyond_real_ones():
    assert decision_variable(trial("realism_single"), [seen(all=3.0)]) > 0
    assert decision_variable(trial("realism_single"), [seen(all=0.0)]) < 0


def test_of_several_images_the_most_deviating_one_is_chosen():
    reader, images = SimulatedReader("ada", 0, seed=1), {"a": seen(all=9.0), "b": seen(), "c": seen()}
    for shown, place in ((("a", "b", "c"), 1), (("b", "a", "c"), 2), (("c", "b", "a"), 3)):
        assert (ratings(reader, images, "realism_choice_3", shown) == place).all()


def test_where_no_image_deviates_every_place_is_chosen():
    alike = dict.fromkeys("abcd", seen())
    found = ratings(SimulatedReader("ada", 0, seed=1), alike, "realism_choice_4", tuple("abcd"), count=600)
    assert np.bincount(found, minlength=5)[1:].min() > 0.1 * len(found)


def test_a_choice_of_two_is_right_as_often_as_a_pair():
    reader, images = SimulatedReader("ada", 1, seed=1), {"a": seen(all=0.4), "b": seen()}
    pair = ratings(reader, images, "realism_pair", ("a", "b"), count=1500)
    choice = ratings(reader, images, "realism_choice_2", ("a", "b"), count=1500)
    assert (choice == 1).mean() == pytest.approx((pair[pair != 0] < 0).mean(), abs=0.05)


@pytest.mark.parametrize("cue", [cue for cue in CUES if cue != "other"])
def test_the_reason_is_the_group_that_moved_the_decision(cue):
    rng = np.random.default_rng(0)
    odd, plain = seen(all=5.0, **{cue: 6.0}), seen()
    assert main_reason(TASKS["realism_pair"], [odd, plain], -2, rng) == cue
    assert main_reason(TASKS["realism_pair"], [plain, odd], 2, rng) == cue
    assert main_reason(TASKS["realism_single"], [odd], 2, rng) == cue
    assert main_reason(TASKS["realism_choice_3"], [plain, odd, plain], 2, rng) == cue


def test_a_reason_comes_with_decided_realism_answers_only():
    reader = SimulatedReader("ada", 0, seed=1)
    for number in range(60):
        pair = reader.read(trial("realism_pair", ("a", "b"), f"t{number}"), {"a": seen(), "b": seen()})
        assert (pair.cue is None) == (pair.rating == 0)
        assert reader.read(trial(name=f"t{number}"), {"x": seen(3.0)}).cue is None


def test_answers_depend_on_seed_reader_and_trial_alone():
    image = {"x": seen(0.2)}
    first = [SimulatedReader("ada", 0, 1).read(trial(name=f"t{i}"), image) for i in range(20)]
    reader = SimulatedReader("ada", 0, 1)
    backwards = [reader.read(trial(name=f"t{i}"), image) for i in reversed(range(20))]
    assert first == backwards[::-1]
    assert first != [SimulatedReader("ada", 0, 2).read(trial(name=f"t{i}"), image) for i in range(20)]
    assert first != [SimulatedReader("ben", 0, 1).read(trial(name=f"t{i}"), image) for i in range(20)]


def test_hard_trials_take_longer():
    reader = SimulatedReader("ada", 0, seed=1)

    def typical(evidence):
        return np.median([reader.read(trial(name=f"t{i}"), {"x": seen(evidence)}).active_ms for i in range(100)])

    assert typical(0.0) > 1.2 * typical(6.0)


def marks(reader: SimulatedReader, region: np.ndarray | None, count: int = 60) -> np.ndarray:
    """Places (count, 2) of marks on an image that surely shows the finding."""
    images = {"x": seen(9.0)}
    return np.array([reader.read(trial(name=f"t{i}"), images, region).mark[:2] for i in range(count)])


def test_a_finding_called_present_is_marked_near_its_region_by_the_quieter_reader_nearer():
    region = np.zeros((40, 80), dtype=bool)
    region[30, 20] = True  # three quarters down, one quarter across
    readers = sorted((SimulatedReader("ada", place, 1) for place in range(3)), key=lambda r: r.traits.noise)
    spread = []
    for reader in (readers[0], readers[-1]):
        away = marks(reader, region) - (20.5 / 80, 30.5 / 40)
        assert np.abs(away.mean(axis=0)).max() < 0.03
        spread.append(away.std())
    assert spread[0] < 0.7 * spread[1]


def test_without_a_known_region_the_mark_lies_anywhere_in_the_chest():
    reader = SimulatedReader("ada", 0, 1)
    for region in (None, np.zeros((8, 8), dtype=bool)):
        found = marks(reader, region)
        assert found.min() >= 0.2 and found.max() <= 0.8 and found.std(axis=0).min() > 0.1


def test_only_a_finding_called_present_is_marked_and_marks_change_no_answer():
    reader, region = SimulatedReader("ada", 0, 1), np.ones((4, 4), dtype=bool)
    for number in range(40):
        with_region, without = (reader.read(trial(name=f"t{number}"), {"x": seen()}, r) for r in (region, None))
        assert (with_region.rating, with_region.active_ms) == (without.rating, without.active_ms)
        assert (with_region.mark is not None) == (with_region.rating > 0)
    assert reader.read(trial("realism_single"), {"x": seen(all=9.0)}, region).mark is None
