"""The study plan: which images, asked how, in which order for each reader. It stays with Python; no browser sees it."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.errors import PlanError
from helpers.findings import BY_NAME, CELLS
from helpers.study.allocation import Kind, Pool, assign, image_pool, used_last, without
from helpers.study.ordering import arrange, balanced_sides
from helpers.study.settings import PlanSettings
from helpers.tables import PLAN, REAL, required_columns, validate


@dataclass(frozen=True)
class Plan:
    """The trials (a plan table), what each cell was asked for and has (task, source, finding, present, asked,
    available, used), and the key that makes opaque names."""

    trials: pd.DataFrame
    cells: pd.DataFrame
    secret: bytes

    @property
    def small_cells(self) -> pd.DataFrame:
        """Cells that have fewer trials than asked for."""
        return self.cells[self.cells.used < self.cells.asked].reset_index(drop=True)

    def opaque(self, name: str) -> str:
        """A name that reveals nothing of ``name`` to anyone without the key."""
        return opaque_name(self.secret, name)


def opaque_name(secret: bytes, name: str) -> str:
    """Keyed hash (HMAC-SHA-256), 20 hex digits."""
    return hmac.new(secret, name.encode(), hashlib.sha256).hexdigest()[:20]


def make_plan(cohort: pd.DataFrame, samples: pd.DataFrame, settings: PlanSettings) -> Plan:
    """Plan of the study from the cohort and samples tables; the same input gives the same plan.

    All readers get the same cases, each in an order of their own. Real images come from cells by exact label, no
    image serves twice in a task, practice images serve nowhere else. Raises PlanError naming cell, asked and
    available where images are too few (unless they may be reduced).
    """
    tables = hashlib.sha256(str(settings.seed).encode())
    for table in (cohort, samples):
        tables.update(table.to_csv(index=False).encode())
    secret = tables.digest()  # the seed alone could be guessed; the tables cannot
    rng = np.random.default_rng([settings.seed, 6])
    pool = image_pool(cohort, samples, settings.split, rng)
    sources = sorted(set(samples.source))
    report: list[dict] = []
    blocks = [_practice(task, sources, pool, settings, report, rng) for task in settings.tasks]
    practice = {image for block in blocks for image in _images(block)}
    main_pool, used = without(pool, practice), set()
    for number, task in enumerate(settings.tasks):
        main = _serve(_wanted(task, sources, settings), used_last(main_pool, used), report)
        used |= set(_images(main))
        main["is_practice"] = False
        blocks[number] = pd.concat([blocks[number], main], ignore_index=True)
    cells = pd.DataFrame(report, columns=["task", "source", "finding", "present", "asked", "available", "used"])
    if settings.small_cells == "error":
        _refuse_small(cells, settings.split)
    if any(block.empty or block.is_practice.all() for block in blocks):
        raise PlanError(
            "a task is left without any trial: no cell has images of every kind it needs (01_cohort, 04_sample)"
        )
    repeated = [_choose_repeats(block, settings.repeat_fraction, rng) for block in blocks]
    per_reader = [_of_reader(reader, blocks, repeated, settings, secret) for reader in settings.readers]
    trials = pd.concat(per_reader, ignore_index=True)
    if "template" in samples:
        template = samples.set_index("image_id")["template"]
        trials["template"] = [template.get(case.split("+")[0]) for case in trials["case"]]
    return Plan(validate(trials, PLAN, origin="plan"), cells, secret)


def _wanted(task: str, sources: list[str], settings: PlanSettings) -> pd.DataFrame:
    """Main trials of a task, round by round over cells and sources, so that a shortage falls on all alike."""
    count = {
        "realism_pair": settings.pairs_per_cell,
        "realism_single": settings.singles_per_cell,
        "conditionality": settings.conditionality_per_cell,
    }[task]
    shown = {
        "realism_pair": sources,
        "realism_single": [source for generator in sources for source in (generator, REAL)],
        "conditionality": [REAL, *sources],
    }[task]
    rows = [(task, source, cell) for _ in range(count) for cell in CELLS for source in shown]
    return pd.DataFrame(rows, columns=["task", "source", "cell"])


def _practice(
    task: str, sources: list[str], pool: Pool, settings: PlanSettings, report: list, rng: np.random.Generator
) -> pd.DataFrame:
    """Practice trials from the cells with the most real images; takes their images out of the pool."""
    shown = sources if task == "realism_pair" else [REAL, *sources]
    start, rows = int(rng.integers(2)), []
    for turn in range(settings.practice_per_task):
        alike = [cell for cell in CELLS if cell.present == (turn + start) % 2]
        most = sorted(alike, key=lambda cell: -len(pool[Kind(REAL, cell)]))[:2]
        rows.append((task, shown[turn % len(shown)], most[rng.integers(2)]))
    served = _serve(pd.DataFrame(rows, columns=["task", "source", "cell"]), pool, report, label=f"practice {task}")
    pool.update(without(pool, set(_images(served))))
    served["is_practice"] = True
    return served


def _serve(wanted: pd.DataFrame, pool: Pool, report: list, label: str | None = None) -> pd.DataFrame:
    """Give the wanted trials their images; those that cannot have all of theirs are left out, and reported."""
    wanted = wanted.reset_index(drop=True)
    pairs = len(wanted) > 0 and wanted.task.iloc[0] == "realism_pair"
    shown = [(row.Index, Kind(row.source, row.cell)) for row in wanted.itertuples()]
    single = assign(shown, pool)
    partner = assign([(row, Kind(REAL, kind.cell)) for row, kind in shown if row in single], pool) if pairs else {}
    for is_partner, got in [(False, single)] + [(True, partner)] * pairs:
        kinds = [Kind(REAL, kind.cell) if is_partner else kind for _, kind in shown]
        for kind in dict.fromkeys(kinds):
            mine = [row for row, other in enumerate(kinds) if other == kind]
            place = {"task": label or wanted.task.iloc[0], "source": kind.source, **kind.cell._asdict()}
            used = sum(row in got for row in mine)
            report.append(place | {"asked": len(mine), "available": len(pool.get(kind, ())), "used": used})
    kept = wanted.loc[[row for row in wanted.index if row in (partner if pairs else single)]].copy()
    kept["image"] = [single[row] for row in kept.index]
    kept["partner"] = pd.Series([partner.get(row) for row in kept.index], index=kept.index, dtype=object)
    kept["case"] = [f"{a}+{b}" if pairs else a for a, b in zip(kept.image, kept.partner, strict=True)]
    return kept.reset_index(drop=True)


def _images(block: pd.DataFrame) -> list[str]:
    return [*block.image, *block.partner.dropna()]


def _refuse_small(cells: pd.DataFrame, split: str) -> None:
    small = cells[cells.used < cells.asked].sort_values("available", kind="stable")  # the worst first
    if small.empty:
        return
    lines = []
    for row in small.itertuples():
        where = f"{row.task}, {row.source}, {BY_NAME[row.finding].title.lower()} = {row.present}"
        where += f" (split {split!r})" if row.source == REAL else ""
        left = (
            f"{row.available} available" if row.available < row.asked else f"{row.used} left by other cells and tasks"
        )
        lines.append(f"{where}: {row.asked} asked, {left if row.available else 'no such image'}")
    more = f"; and {len(lines) - 5} more" if len(lines) > 5 else ""
    raise PlanError(
        f"not enough images: {'; '.join(lines[:5])}{more}. Ask for fewer trials (pairs_per_cell, singles_per_cell, "
        'conditionality_per_cell, practice_per_task), add images, or set small_cells = "reduce" to use what is there'
    )


def _choose_repeats(block: pd.DataFrame, fraction: float, rng: np.random.Generator) -> list[int]:
    """Rows of the block that are shown twice, spread over sources and cells; the same for every reader."""
    main = block[~block.is_practice]
    shuffled = main.iloc[rng.permutation(len(main))]
    turn = shuffled.groupby(["source", "cell"]).cumcount()
    return list(turn.sort_values(kind="stable").index[: round(fraction * len(main))])


def _of_reader(
    reader: str, blocks: list[pd.DataFrame], repeated: list[list[int]], settings: PlanSettings, secret: bytes
) -> pd.DataFrame:
    """One reader's trials in their order, sides and names."""
    digest = int.from_bytes(hashlib.sha256(reader.encode()).digest()[:8], "big")
    rng = np.random.default_rng([settings.seed, 7, digest])
    parts = []
    for block, repeats in zip(blocks, repeated, strict=True):
        block = block.assign(finding=[c.finding for c in block.cell], present=[c.present for c in block.cell])
        block["side"] = None
        if block.task.iloc[0] == "realism_pair":
            for practice in (True, False):
                rows = block.index[block.is_practice == practice]
                block.loc[rows, "side"] = balanced_sides(block.loc[rows], rng)
        trials = pd.concat([block, block.loc[repeats]], ignore_index=True)
        originals = [None] * len(block) + [int(row) for row in repeats]
        order = arrange(
            _expected(trials), originals, practice=int(block.is_practice.sum()), max_run=settings.max_run, rng=rng
        )
        parts.append(_named(trials, originals, reader, secret).iloc[order])
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(reader=reader, position=range(1, len(rows) + 1))[required_columns(PLAN)]


def _expected(trials: pd.DataFrame) -> list:
    """What the right answer to each trial is, of which runs are kept short."""
    right: dict[str, Callable] = {
        "realism_pair": lambda row: row.side,
        "realism_single": lambda row: row.source != REAL,
        "conditionality": lambda row: row.present,
    }
    return [right[row.task](row) for row in trials.itertuples()]


def _named(trials: pd.DataFrame, originals: list, reader: str, secret: bytes) -> pd.DataFrame:
    """Add the columns of the plan table that name trials and images."""
    showing = ["first" if original is None else "repeat" for original in originals]
    names = [
        opaque_name(secret, "\n".join((reader, task, case, which)))
        for task, case, which in zip(trials.task, trials.case, showing, strict=True)
    ]
    left = trials.side == "left"
    pair = trials.side.notna()
    return trials.assign(
        trial_id=names,
        repeat_of=[None if original is None else names[original] for original in originals],
        left_image=np.where(pair, np.where(left, trials.image, trials.partner), None),
        right_image=np.where(pair, np.where(left, trials.partner, trials.image), None),
        image=np.where(pair, None, trials.image),
    )
