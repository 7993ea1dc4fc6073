"""Every image gets words: its own report, or sentences that say what its labels say and no more."""

import pandas as pd
import pytest

from helpers.cohort.label_sentences import HELD_OUT, TRAINED, texts_of
from helpers.findings import ORIGINAL


def cohort(count, **columns):
    base = {"image_id": [f"i{k}" for k in range(count)], "view": None, "age": None, "sex": None}
    return pd.DataFrame(base | dict.fromkeys(ORIGINAL.names, pd.array([None] * count, dtype="Int64")) | columns)


@pytest.mark.parametrize("held_out", [False, True])
def test_findings_are_told_or_denied_as_labelled_and_unknown_ones_are_not_named(held_out):
    table = cohort(200, atelectasis=1, lung_opacity=0, pleural_effusion=-1)
    for text in texts_of(table, ORIGINAL, 1, held_out):
        told, denied = ("atelectasis", "lung opacity")
        sentences = {part.lower() for part in text.split(".") if part}
        assert {told in part for part in sentences if "no" not in part.split() and "not" not in part.split()} == {True}
        assert {denied in part for part in sentences if {"no", "not"} & set(part.split())} == {True}
        assert "effusion" not in text and "silhouette" not in text


def test_an_image_without_labels_has_words_too_and_none_is_blank():
    assert all(text in TRAINED["nothing"] for text in texts_of(cohort(20), ORIGINAL, 1))
    assert all(text in HELD_OUT["nothing"] for text in texts_of(cohort(20), ORIGINAL, 1, held_out=True))


def test_a_report_stays_as_it_is_and_only_rows_without_one_get_sentences():
    table = cohort(2, text=["Clear lungs.", None], atelectasis=1)
    first, second = texts_of(table, ORIGINAL, 1)
    assert first == "Clear lungs." and "telectasis" in second


def test_view_sex_and_decade_are_told_where_they_are_known():
    texts = texts_of(cohort(60, view="AP", age=67.0, sex="F", atelectasis=0), ORIGINAL, 1)
    assert any("AP" in text and "her sixties" in text for text in texts)
    assert not any("AP" in text or "her" in text.split() for text in texts_of(cohort(60, atelectasis=0), ORIGINAL, 1))


def test_words_follow_from_seed_and_image_id_and_vary():
    table = cohort(40, **dict.fromkeys(ORIGINAL.names, 1))
    texts = texts_of(table, ORIGINAL, 1)
    assert texts_of(table.iloc[::-1], ORIGINAL, 1) == texts[::-1] and len(set(texts)) > 30
    assert texts != texts_of(table, ORIGINAL, 2)
    assert all(finding.title.lower() in text.lower() for text in texts for finding in ORIGINAL)


def test_held_out_templates_are_none_of_the_others():
    assert all(not set(HELD_OUT[state]) & set(TRAINED[state]) for state in TRAINED)
