import pytest

from helpers.report_answers import headline, interval, sentences

LIKE = ".readers_like_these"


def number(value, low, high):
    return {"value": value, "low": low, "high": high, "n": 10, "method": "test"}


def between(low, high):
    """A number in the middle of its interval."""
    return number((low + high) / 2, low, high)


def answer(notebook, numbers, *sources):
    """The one sentence that answers a notebook's question about real images and those of the GAN, or ``sources``."""
    (only,) = sentences(numbers, list(sources or ("real", "gan")))[notebook]
    return only


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.55, 0.8, "better than guessing"),
        (0.4, 0.7, "do not show a difference from guessing"),
        (0.2, 0.45, "worse than guessing"),
    ],
)
def test_the_verdict_on_realism_follows_from_where_the_interval_lies(low, high, words):
    numbers = {f"realism.gan.accuracy{LIKE}": between(low, high)}
    said = answer("08_realism", numbers)
    assert words in said and "GAN" in said and f"({100 * low:.0f} to {100 * high:.0f} %)" in said


@pytest.mark.parametrize(("low", "words"), [(0.4, "better than guessing"), (0.3, "do not show a difference")])
def test_one_of_three_images_is_found_by_guessing_in_a_third_of_trials(low, words):
    numbers = {f"realism_choice.realism_choice_3.gan.accuracy{LIKE}": number(0.45, low, 0.6)}
    said = answer("08_realism_choice", numbers)
    assert words in said and "among 3" in said


@pytest.mark.parametrize(("p", "claimed"), [(0.01, True), (0.2, False), (None, False)])
def test_equivalence_is_claimed_only_where_it_was_tested_and_found(p, claimed):
    numbers = {f"realism.gan.accuracy{LIKE}": number(0.51, 0.46, 0.56)}
    numbers |= {f"realism.gan.equivalence_p{LIKE}": number(p, None, None)}
    said = answer("08_realism", numbers)
    assert ("equivalent within the margin" in said) == claimed


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.1, 0.3, "harder to recognise"), (-0.1, 0.1, "No difference"), (-0.3, -0.1, "easier to recognise")],
)
def test_the_verdict_on_conditionality_compares_with_real_images(low, high, words):
    numbers = {f"conditionality.difference.real_minus_gan{LIKE}": between(low, high)}
    said = answer("09_conditionality", numbers)
    assert words in said


def test_the_difference_is_printed_as_synthetic_minus_real():
    numbers = {f"conditionality.difference.real_minus_gan{LIKE}": number(0.2, 0.1, 0.3)}
    assert "−0.20, −0.30 to −0.10" in sentences(numbers, ["gan"])["09_conditionality"][0]


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.1, 0.3, "recognised better in film than in digital images (AUC difference +0.20, +0.10 to +0.30)"),
        (-0.3, -0.1, "recognised better in digital than in film images (AUC difference −0.20, −0.30 to −0.10)"),
        (-0.1, 0.1, "No difference between film and digital images was shown"),
    ],
)
def test_sources_of_which_none_is_real_are_compared_with_each_other(low, high, words):
    numbers = {f"conditionality.difference.film_minus_digital{LIKE}": between(low, high)}
    said = answer("09_conditionality", numbers, "film", "digital")
    assert words in said


def test_a_source_by_itself_is_answered_with_its_area():
    numbers = {f"conditionality.film.auc{LIKE}": number(0.87, 0.74, 0.94)}
    said = answer("09_conditionality", numbers, "film")
    assert said == "The AUC for the finding in film images is 0.87 (0.74 to 0.94)."


def test_nothing_is_said_where_nothing_can_be_estimated():
    for numbers in ({}, {f"realism.gan.accuracy{LIKE}": number(0.8, None, None)}):
        assert not any(sentences(numbers, ["gan"]).values())


def test_where_readers_in_general_cannot_be_estimated_the_sentence_says_that_it_is_about_these_readers():
    numbers = {f"realism.gan.accuracy{LIKE}": number(0.8, None, None), "realism.gan.accuracy": number(0.8, 0.7, 0.9)}
    said = answer("08_realism", numbers, "gan")
    assert "(70 to 90 %)" in said and said.endswith("; these readers only.")


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.0004, "better than guessing (p < 0.001, Holm)"),
        (
            0.06,
            "better than guessing by this question alone, but not once the number of questions is allowed for (p = ",
        ),
    ],
)
def test_a_primary_question_is_answered_by_its_corrected_p_value(p, words):
    numbers = {f"realism.gan.accuracy{LIKE}": number(0.6, 0.51, 0.7)}
    numbers |= {f"realism.primary_p.accuracy.gan{LIKE}": number(p, None, None)}
    assert words in sentences(numbers, ["gan"])["08_realism"][0]
    numbers = {f"conditionality.difference.real_minus_gan{LIKE}": number(0.1, 0.01, 0.2)}
    numbers |= {f"conditionality.primary_p.difference.real_minus_gan{LIKE}": number(p, None, None)}
    said = answer("09_conditionality", numbers)
    assert ("harder to recognise" in said) == (p < 0.05) and "after Holm's correction" in said


def test_agreement_is_said_for_each_task_and_the_detectable_difference_for_each_conclusion():
    numbers = {"agreement.conditionality.weighted_kappa.all": number(0.6, 0.5, 0.7)}
    numbers |= {"power.target": number(0.8, None, None), "power.detectable_difference": number(0.16, 0.1, 0.2)}
    numbers |= {f"power.detectable_difference{LIKE}": number(0.44, 0.4, None)}
    said = sentences(numbers, ["gan"])
    assert "0.60 (0.50 to 0.70) in Conditionality" in said["10_agreement_cues"][0]
    assert said["11_power"] == [
        "With a power of 80 %, a study of this size finds a difference in accuracy between two sources of 0.16 for "
        "these readers and of 0.44 for readers like these."
    ]


@pytest.mark.parametrize(
    ("these", "words"), [(0.16, "of 0.16 for these readers; for readers"), (None, "finds none in acc")]
)
def test_a_difference_that_is_larger_than_any_tried_is_not_passed_over(these, words):
    beyond = {"method": "simulation; readers like these; larger than 0.45, the largest difference tried"}
    numbers = {"power.target": number(0.8, None, None), "power.detectable_difference": number(these, 0.1, 0.2)}
    numbers |= {f"power.detectable_difference{LIKE}": number(None, None, None) | beyond}
    (said,) = sentences(numbers, ["gan"])["11_power"]
    assert words in said and said.endswith("it would have to be larger than 0.45, the largest difference tried.")


def test_numbers_are_shown_with_their_interval_or_a_dash():
    assert interval(number(0.5, 0.4, 0.6)) == "0.50 (0.40 to 0.60)"
    assert interval(number(0.5, 0.4, 0.6), bounds_only=True) == "0.40 to 0.60"
    assert interval(number(12, None, None), 0) == "12"
    assert interval(None) == interval(number(None, None, None)) == "–"


def test_the_table_has_one_row_a_source_with_real_images_as_the_yardstick():
    table = headline({"conditionality.real.auc": number(0.9, 0.8, 0.95)}, ["real", "gan"])
    assert table.index.tolist() == ["Real", "GAN"]
    assert table.loc["Real"].str.contains("0.90").any() and (table.loc["GAN"] == "–").all()


def test_the_wordings_are_told_with_those_that_lie_furthest_apart():
    numbers = {f"conditionality.wording.{name}{LIKE}": number(value, value - 0.1, value + 0.1) for name, value in
               (("original", 0.7), ("negated", 0.9), ("plain", 0.8))}  # fmt: skip
    numbers["conditionality.wording.original.atelectasis"] = number(0.6, 0.5, 0.7)
    for pair, value in (("original_minus_negated", -0.2), ("original_minus_plain", -0.1)):
        numbers[f"conditionality.wording_difference.{pair}{LIKE}"] = number(value, value - 0.1, value + 0.1)
    numbers[f"conditionality.wording_p.original_minus_negated{LIKE}"] = number(0.02, None, None)
    numbers |= {name.removesuffix(LIKE): None for name in list(numbers) if name.count(".") == 3}
    areas, furthest = sentences(numbers, ["real", "gan"])["wording"]
    assert "0.70 (0.60 to 0.80) with the wording “original”" in areas and areas.count("with the wording") == 3
    assert furthest.startswith("The furthest apart are “original” and “negated” (−0.20, −0.30 to −0.10)")
    assert furthest.endswith("the wording matters (p = 0.020, Holm).")
    numbers[f"conditionality.wording_p.original_minus_negated{LIKE}"] = number(0.2, None, None)
    assert "no difference was shown" in sentences(numbers, ["real", "gan"])["wording"][1]
    assert sentences({}, ["real", "gan"])["wording"] == []
