"""The study plan: images, tasks and order for each reader. It stays in Python; no browser sees it."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.errors import PlanError
from helpers.findings import Findings
from helpers.study.allocation import Kind, Pool, assign, image_pool, used_last, without
from helpers.study.ordering import arrange, balanced_sides
from helpers.study.settings import PlanSettings
from helpers.tables import BESIDE, PLAN, required_columns, validate
from helpers.tasks import REAL, TASKS, Task, right_answer

Slot = tuple[int, int]  # a trial's row, and which of its images


@dataclass(frozen=True)
class Plan:
    """The trials (a plan table), what was asked for and used in each cell (task, source, finding, present, asked,
    available, used), the key for opaque names, and the files of images that have been shown, by image_id."""

    trials: pd.DataFrame
    cells: pd.DataFrame
    secret: bytes
    shown: Mapping[str, str] = field(default_factory=dict)

    @property
    def small_cells(self) -> pd.DataFrame:
        """Cells that have fewer trials than asked for."""
        return self.cells[self.cells.used < self.cells.asked].reset_index(drop=True)

    def opaque(self, name: str) -> str:
        """A name that reveals nothing about ``name`` to anyone without the key."""
        return opaque_name(self.secret, name)


def opaque_name(secret: bytes, name: str) -> str:
    """Keyed hash (HMAC-SHA-256), 20 hex digits."""
    return hmac.new(secret, name.encode(), hashlib.sha256).hexdigest()[:20]


def secret_of(cohort: pd.DataFrame, samples: pd.DataFrame, seed: int) -> bytes:
    """The key for opaque names: a digest of seed and tables. The seed alone could be guessed; the tables cannot."""
    tables = hashlib.sha256(str(seed).encode())
    for table in (cohort, samples):
        tables.update(table.to_csv(index=False).encode())
    return tables.digest()


def make_plan(cohort: pd.DataFrame, samples: pd.DataFrame, settings: PlanSettings, findings: Findings) -> Plan:
    """Plan of the study from the cohort and samples tables; the same input gives the same plan.

    All readers get the same cases, each in an order of their own. Real images are in cells by exact label, no image
    is used twice in a task, and practice images are used nowhere else. Raises PlanError, naming cell, asked and
    available, if images are too few (unless trials may be reduced).
    """
    secret = secret_of(cohort, samples, settings.seed)
    rng = np.random.default_rng([settings.seed, 6])
    pool = image_pool(cohort, samples, settings.split, findings, rng)
    sources = sorted(set(samples.source))
    report: list[dict] = []
    tasks = [TASKS[name] for name in settings.tasks]
    blocks = [practice_trials(task, sources, pool, settings, report, findings, rng) for task in tasks]
    practice = {image for block in blocks for image in images_of(block)}
    main_pool, used = without(pool, practice), set()
    for number, task in enumerate(tasks):
        main = serve(task, wanted_trials(task, sources, settings, findings), used_last(main_pool, used), report)
        used |= set(images_of(main))
        main["is_practice"] = False
        blocks[number] = pd.concat([blocks[number], main], ignore_index=True)
    cells = pd.DataFrame(report, columns=["task", "source", "finding", "present", "asked", "available", "used"])
    if settings.small_cells == "error":
        refuse_small(cells, settings.split, [task.count for task in tasks], findings)
    if any(block.empty or block.is_practice.all() for block in blocks):
        raise PlanError(
            "a task is left without any trial: no cell has images of every kind it needs (01_cohort, 04_sample)"
        )
    repeated = [choose_repeats(block, settings.repeat_fraction, rng) for block in blocks]
    per_reader = [order_for(reader, blocks, repeated, settings, secret) for reader in settings.readers]
    trials = with_template(pd.concat(per_reader, ignore_index=True), samples)
    return Plan(validate(trials, PLAN, origin="plan"), cells, secret)


def with_template(trials: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """Trials with the prompt template of their synthetic image, if the samples have templates."""
    if "template" not in samples:
        return trials
    template = samples.set_index("image_id")["template"]
    return trials.assign(template=[template.get(case.split("+")[0]) for case in trials["case"]])


def wanted_trials(task: Task, sources: list[str], settings: PlanSettings, findings: Findings) -> pd.DataFrame:
    """Main trials of a task, round by round over cells and sources, so that a shortage affects all alike."""
    rounds, shown = range(getattr(settings, task.count)), task.shown_sources(sources)
    rows = [(task.name, source, cell) for _ in rounds for cell in findings.cells for source in shown]
    return pd.DataFrame(rows, columns=["task", "source", "cell"])


def practice_trials(
    task: Task,
    sources: list[str],
    pool: Pool,
    settings: PlanSettings,
    report: list,
    findings: Findings,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Practice trials from the cells with the most real images; takes their images out of the pool."""
    shown = [REAL, *sources] if task.shows_real else sources
    start, rows = int(rng.integers(2)), []
    for turn in range(settings.practice_per_task):
        alike = [cell for cell in findings.cells if cell.present == (turn + start) % 2]
        most = sorted(alike, key=lambda cell: -len(pool[Kind(REAL, cell)]))[:2]
        rows.append((task.name, shown[turn % len(shown)], most[rng.integers(len(most))]))
    wanted = pd.DataFrame(rows, columns=["task", "source", "cell"])
    served = serve(task, wanted, pool, report, label=f"practice {task.name}")
    pool.update(without(pool, set(images_of(served))))
    served["is_practice"] = True
    return served


def serve(task: Task, wanted: pd.DataFrame, pool: Pool, report: list, label: str | None = None) -> pd.DataFrame:
    """Assign images to the wanted trials; trials that cannot get all of theirs are left out and reported.

    Column ``shown``: the image of the trial's source, then the real ones beside it.
    """
    wanted = wanted.reset_index(drop=True)
    kinds = [Kind(row.source, row.cell) for row in wanted.itertuples()]
    own = {(row, 0): kind for row, kind in enumerate(kinds)}
    beside = {(row, n + 1): Kind(REAL, kind.cell) for row, kind in enumerate(kinds) for n in range(task.partners)}
    given = assign(list(own.items()), pool)
    given |= assign([(slot, kind) for slot, kind in beside.items() if (slot[0], 0) in given], pool)
    for asked in filter(None, (own, beside)):
        report += _use_of(asked, given, pool, label or task.name)
    slots = [[(row, n) for n in range(task.partners + 1)] for row in range(len(kinds))]
    served = [row for row, needed in enumerate(slots) if all(slot in given for slot in needed)]
    kept = wanted.loc[served].reset_index(drop=True)
    kept["shown"] = pd.Series([[given[slot] for slot in slots[row]] for row in served], dtype=object)
    kept["case"] = ["+".join(images) for images in kept.shown]
    return kept


def _use_of(asked: Mapping[Slot, Kind], given: Mapping[Slot, str], pool: Pool, label: str) -> list[dict]:
    """Rows of the table of cells: how many images of each kind were asked for, available and used."""
    rows = []
    for kind in dict.fromkeys(asked.values()):
        slots = [slot for slot, other in asked.items() if other == kind]
        place = {"task": label, "source": kind.source, **kind.cell._asdict()}
        used = sum(slot in given for slot in slots)
        rows.append(place | {"asked": len(slots), "available": len(pool.get(kind, ())), "used": used})
    return rows


def images_of(block: pd.DataFrame) -> list[str]:
    return [image for images in block.shown for image in images]


def refuse_small(cells: pd.DataFrame, split: str, counts: list[str], findings: Findings) -> None:
    small = cells[cells.used < cells.asked].sort_values("available", kind="stable")  # the worst first
    if small.empty:
        return
    lines, titles = [], {finding.name: finding.title.lower() for finding in findings}
    for row in small.itertuples():
        where = f"{row.task}, {row.source}, {titles[row.finding]} = {row.present}"
        where += f" (split {split!r})" if row.source == REAL else ""
        left = (
            f"{row.available} available" if row.available < row.asked else f"{row.used} left by other cells and tasks"
        )
        lines.append(f"{where}: {row.asked} asked, {left if row.available else 'no such image'}")
    more = f"; and {len(lines) - 5} more" if len(lines) > 5 else ""
    raise PlanError(
        f"not enough images: {'; '.join(lines[:5])}{more}. Ask for fewer trials ({', '.join(counts)}, "
        'practice_per_task), add images, or set small_cells = "reduce" to use what is there'
    )


def choose_repeats(block: pd.DataFrame, fraction: float, rng: np.random.Generator) -> list[int]:
    """Rows of the block that are shown twice, spread over sources and cells; the same for every reader."""
    main = block[~block.is_practice]
    shuffled = main.iloc[rng.permutation(len(main))]
    turn = shuffled.groupby(["source", "cell"]).cumcount()
    return list(turn.sort_values(kind="stable").index[: round(fraction * len(main))])


def order_for(
    reader: str,
    blocks: list[pd.DataFrame],
    repeated: list[list[int]],
    settings: PlanSettings,
    secret: bytes,
    after: int = 0,
) -> pd.DataFrame:
    """One reader's trials in order, with sides and names; their positions start after ``after``."""
    digest = int.from_bytes(hashlib.sha256(reader.encode()).digest()[:8], "big")
    rng = np.random.default_rng([settings.seed, 7, digest, *([after] if after else [])])
    parts = []
    for block, repeats in zip(blocks, repeated, strict=True):
        block = block.assign(finding=[c.finding for c in block.cell], present=[c.present for c in block.cell])
        block["side"] = None
        if places := TASKS[block.task.iloc[0]].places:
            for practice in (True, False):
                rows = block.index[block.is_practice == practice]
                block.loc[rows, "side"] = balanced_sides(block.loc[rows], places, rng)
        trials = pd.concat([block, block.loc[repeats]], ignore_index=True)
        originals = [None] * len(block) + [int(row) for row in repeats]
        right = [right_answer(trial) for trial in trials.itertuples()]
        order = arrange(right, originals, practice=int(block.is_practice.sum()), max_run=settings.max_run, rng=rng)
        parts.append(_named(trials, originals, reader, secret).iloc[order])
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(reader=reader, position=range(after + 1, after + len(rows) + 1))[required_columns(PLAN)]


def _named(trials: pd.DataFrame, originals: list, reader: str, secret: bytes) -> pd.DataFrame:
    """Add the columns of the plan table that name trials and images."""
    showing = ["first" if original is None else "repeat" for original in originals]
    names = [
        opaque_name(secret, "\n".join((reader, task, case, which)))
        for task, case, which in zip(trials.task, trials.case, showing, strict=True)
    ]
    return trials.assign(
        trial_id=names,
        repeat_of=[None if original is None else names[original] for original in originals],
        images=[BESIDE.join(_from_left(*trial)) for trial in zip(trials.task, trials.shown, trials.side, strict=True)],
    )


def _from_left(task: str, shown: list[str], side: str | None) -> list[str]:
    """The images of a trial in the order of their places, the one from its source at ``side``."""
    if side is None:
        return shown
    own, *others = shown
    place = TASKS[task].places.index(side)
    return [*others[:place], own, *others[place:]]
