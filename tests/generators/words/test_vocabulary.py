"""The tokenizer is made from the texts of a study, spells everything, and is the same wherever it is read."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import CLIPTokenizer

from helpers.generators.words.vocabulary import END, LONGEST, START, TOKENS, learn, learned_by, tokenizer_of

TEXTS = ["No pleural effusion.", "Pleural effusion on the left.", "no atelectasis", "There is atelectasis."] * 3
LEARNED = learn(TEXTS)
TOKENIZER = tokenizer_of(LEARNED)
ENDS = {LEARNED["vocabulary"][START], LEARNED["vocabulary"][END]}


@given(text=st.text(st.characters(exclude_categories=("Z", "C")), max_size=15))
def test_every_text_is_spelled_without_a_token_for_the_unknown(text):
    first, *spelled, last = TOKENIZER(text).input_ids
    assert {first, last} == ENDS and not ENDS & set(spelled)
    assert bool(spelled) == bool(text)


def test_words_of_the_texts_are_one_token_each_in_either_case():
    small, large = (TOKENIZER(text).input_ids for text in ("pleural effusion", "Pleural EFFUSION"))
    assert small == large and len(small) == 2 + 2
    assert len(TOKENIZER("pneumothorax").input_ids) > 2 + 1


def test_texts_are_padded_to_the_longest_and_what_is_longer_is_cut():
    for text in ("effusion", "effusion " * 100):
        tokens = TOKENIZER(text, padding="max_length", truncation=True).input_ids
        assert len(tokens) == LONGEST and tokens[-1] == LEARNED["vocabulary"][END]


def test_the_same_texts_give_the_same_tokenizer_of_limited_size():
    assert learn(TEXTS) == LEARNED
    many = learn("".join(letters) for letters in product("abcdefghij", repeat=3) for _ in range(2))
    assert len(many["vocabulary"]) == TOKENS


def test_a_tokenizer_tells_what_it_is_made_of():
    assert learned_by(TOKENIZER) == LEARNED


@pytest.mark.parametrize("text", TEXTS[:4])
def test_a_saved_tokenizer_reads_texts_alike(tmp_path, text):
    TOKENIZER.save_pretrained(tmp_path)
    assert CLIPTokenizer.from_pretrained(tmp_path)(text).input_ids == TOKENIZER(text).input_ids
