"""Whose readings count in a run: simulated readers or people, never both, and never the guest."""

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from helpers.dependencies import code_of
from helpers.errors import ReadingError, StoreError, WaitingError
from helpers.files import sha256, write_text
from helpers.provenance import findings_of
from helpers.runs import Run
from helpers.study.accounts import accounts_table
from helpers.study.binding import plan_hash
from helpers.study.display import display_files
from helpers.study.finding_regions import masks_of_plan
from helpers.study.observers.learning import train_observer
from helpers.study.record import sessions_of
from helpers.study.schema import EVENTS, READERS, STUDY, TRIALS
from helpers.study.session import Session
from helpers.study.settings import GUEST
from helpers.study.simulate import run_readers
from helpers.study.store import Store, engine_of
from helpers.tables import PLAN, cohort_schema, read_table

READERS_ARE = ("simulated", "human")
FINISHED, ALL = "finished", "all"
COUNT_READERS = {  # which people count, and how it is said
    FINISHED: "people count once they have answered every case",
    ALL: "everyone who has answered a case outside practice counts",
}


def study_readers(plan: pd.DataFrame) -> list[str]:
    """The plan's readers in its order, without the guest."""
    return [reader for reader in dict.fromkeys(plan.reader) if reader != GUEST]


def counts(session: Session, count_readers: str) -> bool:
    """Whether a person's session counts by the rule ``count_readers``.

    Raises ReadingError for another rule than "finished" and "all".
    """
    if count_readers not in COUNT_READERS:
        raise ReadingError(f"count_readers = {count_readers!r}: must be one of {', '.join(COUNT_READERS)}")
    if count_readers == FINISHED:
        return session.is_finished
    return any(not trial.is_practice and trial.trial_id in session.answers for trial in session.trials)


def readers_that_count(store: Store, plan: pd.DataFrame, readers_are: str, count_readers: str = FINISHED) -> list[str]:
    """Readers whose answers are exported: those of the wanted kind ("simulated" or "human"), people by the rule
    ``count_readers`` (``COUNT_READERS``).

    Raises ReadingError when either is something else and when a person has read under the name of a reader who should
    be simulated, WaitingError when nobody counts yet.
    """
    if readers_are not in READERS_ARE:
        raise ReadingError(f"readers_are = {readers_are!r}: must be one of {', '.join(READERS_ARE)}")
    kinds = {reader: store.readers().get(reader) for reader in study_readers(plan)}
    if readers_are == "human":
        sessions = {reader: session for reader, session in sessions_of(store, plan).items() if reader in kinds}
        ready = [reader for reader, session in sessions.items() if counts(session, count_readers)]
        counted = [reader for reader in ready if kinds[reader] == "human"]
        if not counted:
            raise WaitingError(_waiting(store, sessions, count_readers))
        return counted
    people = [reader for reader, kind in kinds.items() if kind == "human"]
    if people:
        raise ReadingError(
            f"a person has read as {', '.join(people)} in this run, whose readers are simulated; "
            "set readers_are: human, or choose another RUN for the simulation"
        )
    return list(kinds)


def counting(store: Store, plan: pd.DataFrame, count_readers: str) -> str:
    """In a sentence: the rule by which people count, and how many who have begun do and do not."""
    people = [reader for reader in study_readers(plan) if store.readers().get(reader) == "human"]
    sessions = sessions_of(store, plan)
    number = sum(counts(sessions[reader], count_readers) for reader in people)
    return f"{rule_in_words(count_readers)}: {number} of {len(people)} who have begun."


def rule_in_words(count_readers: str) -> str:
    """The rule ``count_readers`` for a sentence's beginning."""
    return f"{COUNT_READERS[count_readers].capitalize()} (count_readers: {count_readers})"


def _waiting(store: Store, sessions: Mapping[str, Session], count_readers: str) -> str:
    """By which rule readers count, how far they are, and who cannot enter yet."""
    far = [f"{reader} {session.answered} of {session.total}" for reader, session in sessions.items()]
    without = [reader for reader in sessions if reader not in set(accounts_table(store)["reader"])]
    said = f"nobody's answers count yet. {rule_in_words(count_readers)}. Cases answered: {', '.join(far)}."
    return said + (f" Without an access code: {', '.join(without)}." if without else "")


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
                if sa.inspect(connection).has_table(TRIALS.name):
                    connection.execute(TRIALS.delete())
    except sa.exc.SQLAlchemyError as error:
        raise StoreError(
            f"{database}: cannot be used as a readings database ({error.__cause__ or error}); put back a copy of it"
        ) from error
    finally:
        engine.dispose()
    return bool(simulated)
