"""Phrases of reports: two pools that share no sentence, one vocabulary."""

import re
import string

import numpy as np
import pytest

from helpers.cohort.phantom import phrases

POOLS = (phrases.TRAINED, phrases.HELD_OUT)


def words_of(pool):
    return {word.casefold() for ways in pool.values() for way in ways for word in re.findall(r"[A-Za-z]+", way)}


def test_both_pools_can_say_the_same_things_but_share_no_sentence():
    assert set(phrases.TRAINED) == set(phrases.HELD_OUT)
    for name, ways in phrases.TRAINED.items():
        assert len(set(ways)) == len(ways), name
        assert not set(ways) & set(phrases.HELD_OUT[name])


def test_all_ways_to_say_a_thing_fill_in_the_same_facts_or_only_the_degree():
    for name in phrases.TRAINED:
        asked = {
            frozenset(field for _, field, _, _ in string.Formatter().parse(way) if field)
            for pool in POOLS
            for way in pool[name]
        }
        assert name == "patient" or len(asked - {frozenset({"degree"})}) <= 1, name


def test_held_out_phrases_have_no_word_that_training_lacks():
    assert words_of(phrases.HELD_OUT) <= words_of(phrases.TRAINED)


@pytest.mark.parametrize(("names", "said"), [(["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")])
def test_a_list_reads_as_one_says_it(names, said):
    assert phrases.listed(names, "or") == said


def test_what_is_said_begins_with_a_capital_letter_and_comes_from_the_dice():
    ways = ("{side} lung.", "the {side} lung.")
    said = {phrases.say(ways, np.random.default_rng(seed), side="left") for seed in range(20)}
    assert said == {"Left lung.", "The left lung."}


@pytest.mark.parametrize(("age", "decade"), [(10, "teens"), (49.9, "forties"), (99, "nineties")])
def test_a_person_is_told_by_sex_and_decade(age, decade):
    assert phrases.person("F", age) == {"person": "woman", "sex": "female", "their": "her", "decade": decade}
