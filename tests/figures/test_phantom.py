import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers.cohort.phantom import render
from helpers.errors import ParameterError
from helpers.figures.phantom import SEVERITIES, outline, panel_figure, severities_figure
from helpers.findings import ORIGINAL

NAMES = ORIGINAL.names


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def shown(axes):
    return np.asarray(axes.images[0].get_array())


def test_each_finding_is_dialled_from_absent_to_severe_in_one_patient():
    figure = severities_figure(3, index=2, size=32)
    grid = np.array(figure.axes).reshape(len(NAMES), len(SEVERITIES) + 1)
    for name, row in zip(NAMES, grid, strict=True):
        np.testing.assert_array_equal(shown(row[0]), render(3, 2, {}, 32).image)
        np.testing.assert_array_equal(shown(row[3]), render(3, 2, {name: SEVERITIES["severe"]}, 32).image)
        assert len(row[-1].collections) == 3 and not row[0].collections
    assert [axes.get_title() for axes in grid[0]] == ["Absent", "Subtle", "Moderate", "Severe", "Where it is"]
    assert list(SEVERITIES.values()) == sorted(SEVERITIES.values()) and SEVERITIES["absent"] == 0.0


def test_the_note_says_that_the_images_are_computed_and_adds_what_it_is_given():
    text = severities_figure(3, 2, 32, note="For a test.").texts[-1].get_text()
    assert "computed phantom" in text and "severe 0.90" in text and text.endswith("For a test.")


def test_a_size_that_no_phantom_has_is_refused():
    with pytest.raises(ParameterError, match="size = 8"):
        severities_figure(1, 0, size=8)


def test_an_outline_runs_around_the_mask_even_at_the_border_and_an_empty_mask_has_none():
    _, axes = plt.subplots()
    mask = np.zeros((8, 8), bool)
    outline(axes, mask, "red")
    assert not axes.collections
    mask[3:, 4:6] = True
    outline(axes, mask, "red")
    corners = axes.collections[0].get_paths()[0].vertices
    assert corners.min(axis=0).tolist() == [3.5, 2.5] and corners.max(axis=0).tolist() == [5.5, 7.5]


def test_a_panel_shows_every_image_of_every_group_under_its_title():
    groups = {"Phantoms": np.full((5, 8, 8), 0.25), "Real": np.full((3, 8, 8), 0.75)}
    figure = panel_figure(groups, columns=2, note="Five and three.")
    parts = figure.subfigs
    assert [part.get_suptitle() for part in parts] == ["Phantoms", "Real"]
    for part, images in zip(parts, groups.values(), strict=True):
        filled = [shown(axes) for axes in part.axes if axes.images]
        assert len(part.axes) == 6
        np.testing.assert_array_equal(filled, images)
    assert figure.texts[-1].get_text() == "Five and three."
