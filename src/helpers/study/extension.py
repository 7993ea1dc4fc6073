"""Adds readers, cases and tasks to a plan that is being read, and never overwrites it.

Every trial already in the plan stays as it is, in its reader's order. New cases come after them, and a reader who joins
reads all cases in their own order.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import sqlalchemy as sa

from helpers.errors import PlanError
from helpers.findings import Cell, Findings
from helpers.notebooks import notebook_parameters
from helpers.parameters import read_params
from helpers.raw_tables import read_raw
from helpers.runs import Run
from helpers.study.allocation import image_pool, used_last, without
from helpers.study.database import readings_database
from helpers.study.engines import connected
from helpers.study.frozen_plan import PARAMS
from helpers.study.plan import (
    Plan,
    choose_repeats,
    images_of,
    make_plan,
    order_for,
    practice_trials,
    refuse_small,
    secret_of,
    serve,
    wanted_trials,
    with_template,
)
from helpers.study.schema import READERS
from helpers.study.settings import GUEST, PlanSettings
from helpers.study.store import Store
from helpers.tables import BESIDE, PLAN, read_table, validate
from helpers.tasks import TASKS, Task

KEY = ["task", "source", "finding", "present"]
COUNTS = ["asked", "available", "used"]


def plan_of_run(
    run: Run, cohort: pd.DataFrame, samples: pd.DataFrame, settings: PlanSettings, findings: Findings
) -> Plan:
    """The plan of a run: made anew until a person other than the guest has read, then the existing one, extended.

    Raises what ``make_plan`` and ``extend_plan`` raise, and StoreError for a readings database that cannot be read or
    belongs to another plan.
    """
    folder = run.stage_folder("06_study_plan")
    if (folder / "plan.csv").is_file():
        params = os.environ.get(PARAMS)
        reading = (read_params(params) if params else {}).get("07_reading") or notebook_parameters("07_reading")
        address = readings_database(run.name, reading["database"], reading["readers_are"])
        if people_who_began(address):
            plan = read_table(folder / "plan.csv", PLAN)
            Store(address, plan).dispose()  # binds what was read to the plan as it is
            files = read_raw(folder / "display.csv").set_index("image_id")["file"].to_dict()
            cells = pd.read_csv(folder / "cells.csv")
            return extend_plan(plan, cells, files, cohort, samples, settings, findings)
    return make_plan(cohort, samples, settings, findings)


def people_who_began(address: str | Path) -> list[str]:
    """People other than the guest who have readings in a database; empty if there is no database."""
    if isinstance(address, Path) and not address.is_file():
        return []
    with connected(address) as connection:
        if not sa.inspect(connection).has_table(READERS.name):
            return []
        wanted = sa.select(READERS.c.reader).where(READERS.c.kind == "human", READERS.c.reader != GUEST)
        return sorted(connection.scalars(wanted))


def extend_plan(
    read: pd.DataFrame,
    cells: pd.DataFrame,
    files: Mapping[str, str],
    cohort: pd.DataFrame,
    samples: pd.DataFrame,
    settings: PlanSettings,
    findings: Findings,
) -> Plan:
    """Extend the plan ``read`` (a plan table) by what ``settings`` add to it: readers, cases for each cell, tasks.

    ``cells``: what was asked for and used in each of its cells; ``files``: display file of each of its images. Readers,
    tasks and cases that are no longer asked for stay. If nothing is new, the same plan is returned. Raises PlanError if
    an image of the plan is no longer in the tables, and if there are too few images for new cases.
    """
    _check_images(read, {*cohort.image_id, *samples.image_id})
    secret, rng = secret_of(cohort, samples, settings.seed), np.random.default_rng([settings.seed, 8, len(read)])
    some = read[read.reader == read.reader.iloc[0]]  # all readers have the same cases
    old = {task: _cases(rows) for task, rows in some.groupby("task", sort=False)}
    shown = {task: set(images_of(block)) for task, block in old.items()}
    practice = {image for block in old.values() for image in images_of(block[block.is_practice])}
    pool = without(image_pool(cohort, samples, settings.split, findings, rng), practice)
    sources, report, new = sorted(set(samples.source)), [], {}
    for name in settings.tasks:
        task = TASKS[name]
        if name not in old:
            unused = without(pool, set().union(*shown.values()))
            new[name] = practice_trials(task, sources, unused, settings, report, findings, rng)
            pool = without(pool, images_of(new[name]))
        wanted = _beyond(wanted_trials(task, sources, settings, findings), cells, task)
        free = without(pool, shown.get(name, set()))
        main = serve(task, wanted, used_last(free, set().union(*shown.values())), report).assign(is_practice=False)
        new[name] = pd.concat([new[name], main], ignore_index=True) if name in new else main
        shown[name] = shown.get(name, set()) | set(images_of(main))
    added = pd.DataFrame(report, columns=[*KEY, *COUNTS])
    if settings.small_cells == "error":
        refuse_small(added, settings.split, [TASKS[name].count for name in settings.tasks], findings)
    new = {name: block for name, block in new.items() if len(block)}
    repeats = {name: choose_repeats(block, settings.repeat_fraction, rng) for name, block in new.items()}
    trials = _of_all(read, some, old, new, repeats, settings, secret, samples)
    return Plan(validate(trials, PLAN, origin="plan"), _joined(cells, added), secret, dict(files))


def _of_all(read, some, old: dict, new: dict, repeats: dict, settings: PlanSettings, secret: bytes, samples):
    """Trials of all readers: the existing ones, the new ones after them, and all cases for readers who join."""
    whole, repeated = {}, {}
    for name in dict.fromkeys([*old, *new]):
        parts = [part[name] for part in (old, new) if name in part]
        whole[name] = pd.concat(parts, ignore_index=True)
        again = set(some["case"][(some.task == name) & some.repeat_of.notna()])
        before = list(old[name].index[old[name]["case"].isin(again)]) if name in old else []
        repeated[name] = before + [len(old.get(name, ())) + row for row in repeats.get(name, [])]
    known = list(dict.fromkeys(read.reader))
    readers = [reader for reader in dict.fromkeys([*known, *settings.readers]) if reader != GUEST]
    trials = []
    for reader in (*readers, GUEST):
        mine = read[read.reader == reader]
        blocks, again = (new, repeats) if len(mine) else (whole, repeated)
        trials.append(mine)
        if blocks:
            after = int(mine.position.max()) if len(mine) else 0
            made = order_for(reader, list(blocks.values()), list(again.values()), settings, secret, after)
            trials.append(with_template(made, samples))
    return pd.concat(trials, ignore_index=True)


def _check_images(read: pd.DataFrame, there: set[str]) -> None:
    gone = sorted(set(read.images.str.split(BESIDE).explode()) - there)
    if gone:
        raise PlanError(
            f"image {gone[0]!r} and {len(gone) - 1} others are in the plan that is being read, but no longer in "
            "cohort.csv or samples.csv; bring them back (01_cohort, 04_sample), or choose another RUN for another study"
        )


def _cases(rows: pd.DataFrame) -> pd.DataFrame:
    """The cases of one task from one reader's trials, as ``serve`` makes them."""
    first = rows[rows.repeat_of.isna()]
    shown = [_source_first(row) for row in first.itertuples()]
    cell = [Cell(row.finding, int(row.present)) for row in first.itertuples()]
    cases = first[["task", "source", "case", "is_practice"]].assign(
        shown=pd.Series(shown, index=first.index, dtype=object), cell=pd.Series(cell, index=first.index, dtype=object)
    )
    return cases.reset_index(drop=True)


def _source_first(trial) -> list[str]:
    """The images of a trial: the one from its source first, then the others from left to right."""
    images = trial.images.split(BESIDE)
    if len(images) > 1:
        images.insert(0, images.pop(TASKS[trial.task].places.index(trial.side)))
    return images


def _beyond(wanted: pd.DataFrame, cells: pd.DataFrame, task: Task) -> pd.DataFrame:
    """The wanted trials beyond the number already asked for in each source and cell."""
    own = cells[cells.task == task.name]
    before = {(row.source, Cell(row.finding, int(row.present))): row.asked for row in own.itertuples()}
    turn = wanted.groupby(["source", "cell"], sort=False).cumcount()
    keys = zip(wanted.source, wanted.cell, strict=True)
    return wanted[[number >= before.get(key, 0) for number, key in zip(turn, keys, strict=True)]]


def _joined(before: pd.DataFrame, added: pd.DataFrame) -> pd.DataFrame:
    """The earlier and the new table of cells, combined."""
    more, used = added.set_index(KEY), before.set_index(KEY)["used"]
    more["available"] += used.reindex(more.index, fill_value=0)
    both = pd.concat([before, more.reset_index()], ignore_index=True)
    total = both.groupby(KEY, sort=False, as_index=False).agg({"asked": "sum", "available": "last", "used": "sum"})
    return total.astype({"present": int} | dict.fromkeys(COUNTS, int))
