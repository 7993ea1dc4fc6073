"""Halves are fair, the baseline is what chance gives, and a source that differs is seen."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.findings import ORIGINAL, Cell
from helpers.image_metrics.comparison import Halves, Images, balanced_draw, compare, split_groups

CELLS = ORIGINAL.cells

HALVES = Halves(repeats=30, smallest_n=8)
DIMENSION = 6


def _cell_centre(cell):
    return np.random.default_rng(CELLS.index(cell)).normal(0, 1, DIMENSION)


def _images(per_cell, seed, shift=0.0, spread=1.0, patients=None, cells=CELLS):
    rng = np.random.default_rng(seed)
    features = [_cell_centre(cell) + shift + spread * rng.normal(size=(per_cell, DIMENSION)) for cell in cells]
    count = len(cells) * per_cell
    groups = np.arange(count) if patients is None else rng.integers(0, patients, count)
    index = {cell: np.arange(per_cell) + per_cell * k for k, cell in enumerate(cells)}
    empty = np.empty(0, dtype=int)
    return Images(np.concatenate(features), {cell: index.get(cell, empty) for cell in CELLS}, groups)


def _value(table, source, metric, cell=None):
    rows = table[(table["source"] == source) & (table["metric"] == metric)]
    if cell is None:
        return rows[rows["finding"].isna()].iloc[0]
    return rows[(rows["finding"] == cell.finding) & (rows["present"] == cell.present)].iloc[0]


@pytest.fixture(scope="module")
def table():
    """A perfect source (other draws of the same law), one that is shifted, one that knows two images of each cell."""
    perfect, shifted, collapsed = _images(40, 1), _images(40, 2, shift=0.7), _images(40, 3)
    copies = np.concatenate(
        [np.resize(collapsed.features[index[:2]], (40, DIMENSION)) for index in collapsed.cells.values()]
    )
    sources = {"perfect": perfect, "shifted": shifted, "collapsed": Images(copies, collapsed.cells, collapsed.groups)}
    return compare(_images(60, 0, patients=200), sources, HALVES, seed=1)


@pytest.mark.parametrize("metric", ["frechet_distance", "kid"])
def test_a_perfect_source_lies_in_the_range_of_real_against_real(table, metric):
    real, perfect = _value(table, "real", metric), _value(table, "perfect", metric)
    assert perfect["low"] < real["high"] and real["low"] < perfect["high"]
    assert real["n"] == perfect["n"]


@pytest.mark.parametrize("metric", ["frechet_distance", "kid"])
@pytest.mark.parametrize("source", ["shifted", "collapsed"])
def test_a_shift_and_a_collapse_lie_beyond_it(table, metric, source):
    assert _value(table, source, metric)["low"] > _value(table, "real", metric)["high"]


def test_every_cell_has_a_row_and_a_shift_shows_in_each(table):
    for cell in CELLS:
        assert _value(table, "shifted", "kid", cell)["value"] > _value(table, "real", "kid", cell)["high"]


def test_the_value_lies_within_its_range(table):
    given = table.dropna(subset=["value"])
    assert len(given) == len(table)
    assert (given["low"] <= given["value"]).all() and (given["value"] <= given["high"]).all()


def test_the_mix_of_findings_alone_moves_nothing():
    """Real images have twenty times more of one finding; overall numbers must not see that."""
    real = _images(60, 0)
    rng = np.random.default_rng(5)
    many = _cell_centre(CELLS[0]) + rng.normal(size=(600, DIMENSION))
    cells = real.cells | {CELLS[0]: np.concatenate([real.cells[CELLS[0]], np.arange(480, 1080)])}
    unbalanced = Images(np.concatenate([real.features, many]), cells, np.arange(1080))
    table = compare(unbalanced, {"perfect": _images(40, 1)}, HALVES, seed=1)
    assert _value(table, "perfect", "kid")["low"] < _value(table, "real", "kid")["high"]


def test_the_same_seed_gives_the_same_table_and_another_seed_another():
    real, sources = _images(30, 0), {"a": _images(20, 1)}
    once, again, other = (compare(real, sources, HALVES, seed=s) for s in (1, 1, 2))
    pd.testing.assert_frame_equal(once, again)
    assert not once["value"].equals(other["value"])


def test_a_source_does_not_depend_on_which_others_there_are():
    real, first, second = _images(30, 0), _images(20, 1), _images(20, 2)
    alone = compare(real, {"a": first}, HALVES, seed=1)
    together = compare(real, {"b": second, "a": first}, HALVES, seed=1)
    for source in ("real", "a"):
        rows = [t[t["source"] == source].reset_index(drop=True) for t in (alone, together)]
        pd.testing.assert_frame_equal(*rows)


def test_a_small_cell_is_reported_without_a_number_and_left_out_of_the_overall_ones():
    real = _images(40, 0)
    rare = CELLS[3]
    real = Images(real.features, real.cells | {rare: real.cells[rare][:6]}, real.groups)
    table = compare(real, {"a": _images(40, 1)}, HALVES, seed=1)
    row = _value(table, "a", "kid", rare)
    assert np.isnan(row["value"])
    assert (row["n"], row["method"]) == (3, "not given: 3 images per set, fewer than 8")
    assert "7 of 8 cells" in _value(table, "a", "kid")["method"]


def test_a_source_without_some_cells_takes_no_number_from_the_others():
    table = compare(_images(40, 0), {"all": _images(40, 1), "one": _images(40, 2, cells=CELLS[:1])}, HALVES, seed=1)
    assert np.isfinite(_value(table, "one", "kid", CELLS[0])["value"])
    assert np.isnan(_value(table, "one", "kid")["value"])
    assert "some cells" in _value(table, "one", "kid")["method"]
    assert _value(table, "all", "kid")["n"] == _value(table, "real", "kid")["n"] > 8 * 10


def test_the_frechet_distance_is_not_given_where_features_outnumber_images():
    table = compare(_images(20, 0), {"a": _images(10, 1)}, Halves(repeats=5, smallest_n=4), seed=1)
    row = _value(table, "a", "frechet_distance", CELLS[0])
    assert np.isnan(row["value"])
    assert f"{DIMENSION} features" in row["method"]
    assert np.isfinite(_value(table, "a", "kid", CELLS[0])["value"])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 20), min_size=2, max_size=200), st.integers(0, 100))
def test_halving_never_tears_a_patient_apart(patients, seed):
    patients = np.array(patients)
    first = split_groups(patients, np.random.default_rng(seed))
    assert not set(patients[first]) & set(patients[~first])
    largest = np.bincount(patients).max()
    assert abs(int(first.sum()) - len(patients) / 2) <= largest


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sets(st.integers(0, 40), min_size=0, max_size=30), min_size=1, max_size=8), st.integers(0, 100))
def test_a_balanced_draw_takes_equally_many_and_none_twice(pools, seed):
    pools = {cell: np.array(sorted(pool), dtype=int) for cell, pool in zip(CELLS, pools, strict=False)}
    drawn = balanced_draw(pools, np.random.default_rng(seed))
    assert len({len(index) for index in drawn.values()}) == 1
    everything = np.concatenate(list(drawn.values()))
    assert len(set(everything.tolist())) == len(everything)
    for cell, index in drawn.items():
        assert set(index.tolist()) <= set(pools[cell].tolist())


def test_a_balanced_draw_of_separate_pools_empties_the_smallest():
    pools = {Cell("atelectasis", 0): np.arange(5), Cell("atelectasis", 1): np.arange(5, 25)}
    drawn = balanced_draw(pools, np.random.default_rng(0))
    assert [len(index) for index in drawn.values()] == [5, 5]
