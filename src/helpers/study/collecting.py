"""Whose readings count in a run: simulated readers or people, never both, and never the guest."""

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from helpers.dependencies import code_of
from helpers.errors import ReadingError, StoreError
from helpers.files import sha256, write_text
from helpers.provenance import findings_of
from helpers.runs import Run
from helpers.study.display import display_files
from helpers.study.finding_regions import masks_of_plan
from helpers.study.observers.learning import train_observer
from helpers.study.schema import EVENTS, READERS, STUDY
from helpers.study.session import Session
from helpers.study.settings import GUEST
from helpers.study.simulate import run_readers
from helpers.study.store import Store, engine_of, plan_hash
from helpers.study.trials import trials_of
from helpers.tables import PLAN, cohort_schema, read_table

READERS_ARE = ("simulated", "human")


def study_readers(plan: pd.DataFrame) -> list[str]:
    """The plan's readers in its order, without the guest."""
    return [reader for reader in dict.fromkeys(plan.reader) if reader != GUEST]


def readers_that_count(store: Store, plan: pd.DataFrame, readers_are: str) -> list[str]:
    """Readers whose answers are exported: those of the wanted kind ("simulated" or "human").

    Raises ReadingError when ``readers_are`` is neither, when a person has read under the name of a reader who should
    be simulated, and when no person has read to the end.
    """
    if readers_are not in READERS_ARE:
        raise ReadingError(f"readers_are = {readers_are!r}: must be one of {', '.join(READERS_ARE)}")
    kinds = {reader: store.readers().get(reader) for reader in study_readers(plan)}
    if readers_are == "human":
        counted = [reader for reader, kind in kinds.items() if kind == "human"]
        if not any(Session(trials_of(plan, reader), store.events(reader)).is_finished for reader in counted):
            raise ReadingError(
                f"no person has read to the end yet (readers of the plan: {', '.join(kinds)}); let them read with "
                "`make read READER=name RUN=name`, then run this stage again, or set readers_are: simulated"
            )
        return counted
    people = [reader for reader, kind in kinds.items() if kind == "human"]
    if people:
        raise ReadingError(
            f"a person has read as {', '.join(people)} in this run, whose readers are simulated; "
            "set readers_are: human, or choose another RUN for the simulation"
        )
    return list(kinds)


def renew_simulation(database: Path, note: Path, facts: Mapping[str, str]) -> bool:
    """Drop simulated readings made from other ``facts`` than those in ``note``, then write the facts there.

    An interrupted simulation continues, a changed one starts again. People's readings stay; a guest's go with the
    simulation when they belong to another plan (fact "plan"). Returns True when simulated readings were dropped.
    """
    if note.is_file() and json.loads(note.read_text()) == dict(facts):
        return False
    dropped = _drop_simulated(database, facts["plan"]) if database.is_file() else False
    write_text(note, json.dumps(dict(facts), indent=1) + "\n")
    return dropped


def simulate_run(run: Run, seed: int, learn_from: int) -> pd.DataFrame:
    """Let simulated readers read a run's plan into its database, continuing where a killed simulation stopped.

    They learn from at most ``learn_from`` real training images. Returns reader, kind, answered, total.
    """
    plan_folder, cohort_file = run.stage_folder("06_study_plan"), run.stage_folder("01_cohort") / "cohort.csv"
    plan = read_table(plan_folder / "plan.csv", PLAN)
    facts = simulation_facts(plan_hash(plan), seed, learn_from, plan_folder, cohort_file)
    renew_simulation(run.database, run.stage_folder("07_reading") / "simulation.json", facts)
    findings = findings_of(run)
    cohort = read_table(cohort_file, cohort_schema(findings))
    expertise = train_observer(cohort, run.folder, findings, seed, learn_from)
    store = Store(run.database, plan)
    files, regions = display_files(plan_folder), masks_of_plan(run, plan)
    return run_readers(store, plan, files, expertise, seed, study_readers(plan), regions)


def simulation_facts(plan_sha256: str, seed: int, learn_from: int, plan_folder: Path, cohort: Path) -> dict[str, str]:
    """What the answers of simulated readers follow from: plan, seed, images shown, images learned from, and code."""
    return {
        "plan": plan_sha256,
        "seed": str(seed),
        "learn_from": str(learn_from),
        "shown": sha256(plan_folder / "display"),
        "cohort": sha256(cohort),
        "code": code_of("helpers.study.simulate", "helpers.study.observers.learning", "helpers.tasks"),
    }


def _drop_simulated(database: Path, plan_sha256: str) -> bool:
    """Delete simulated readings; also what binds the database to another plan, where nobody's readings are left."""
    engine = engine_of(database)
    try:
        with engine.begin() as connection:
            kinds = {row.reader: row.kind for row in connection.execute(sa.select(READERS))}
            is_foreign = connection.scalar(sa.select(STUDY.c.plan_sha256)) != plan_sha256
            simulated = [reader for reader, kind in kinds.items() if kind == "simulated"]
            dropped = simulated + [GUEST] * is_foreign
            if is_foreign and not set(kinds) <= set(dropped):
                return False  # people have read another plan: the store refuses it, unchanged
            for table in (EVENTS, READERS):
                connection.execute(table.delete().where(table.c.reader.in_(dropped)))
            if is_foreign:
                connection.execute(STUDY.delete())
    except sa.exc.SQLAlchemyError as error:
        raise StoreError(
            f"{database}: cannot be used as a readings database ({error.__cause__ or error}); put back a copy of it"
        ) from error
    finally:
        engine.dispose()
    return bool(simulated)
