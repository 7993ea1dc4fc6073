"""Whose readings count in a run: simulated readers or people, never both, and never the guest."""

from collections.abc import Mapping

import pandas as pd

from helpers.errors import ReadingError, WaitingError
from helpers.study.accounts import accounts_table
from helpers.study.record import sessions_of
from helpers.study.session import Session
from helpers.study.settings import GUEST
from helpers.study.store import Store

READERS_ARE = ("simulated", "human")
FINISHED, ALL = "finished", "all"
COUNT_READERS = {  # which people count, and the rule in words
    FINISHED: "people count once they have answered every case",
    ALL: "everyone who has answered a case outside practice counts",
}


def study_readers(plan: pd.DataFrame) -> list[str]:
    """The plan's readers in its order, without the guest."""
    return [reader for reader in dict.fromkeys(plan.reader) if reader != GUEST]


def counts(session: Session, count_readers: str) -> bool:
    """Whether a person's session counts by the rule ``count_readers``.

    Raises ReadingError for any rule other than "finished" and "all".
    """
    if count_readers not in COUNT_READERS:
        raise ReadingError(f"count_readers = {count_readers!r}: must be one of {', '.join(COUNT_READERS)}")
    if count_readers == FINISHED:
        return session.is_finished
    return any(not trial.is_practice and trial.trial_id in session.answers for trial in session.trials)


def readers_that_count(store: Store, plan: pd.DataFrame, readers_are: str, count_readers: str = FINISHED) -> list[str]:
    """Readers whose answers are exported: those of the wanted kind ("simulated" or "human"), people by the rule
    ``count_readers`` (``COUNT_READERS``).

    Raises ReadingError if either has another value or a person has read under the name of a reader who should be
    simulated, and WaitingError if nobody counts yet.
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
    """One sentence: the rule by which people count, and how many of those who have begun do."""
    people = [reader for reader in study_readers(plan) if store.readers().get(reader) == "human"]
    sessions = sessions_of(store, plan)
    number = sum(counts(sessions[reader], count_readers) for reader in people)
    return f"{rule_in_words(count_readers)}: {number} of {len(people)} who have begun."


def rule_in_words(count_readers: str) -> str:
    """The rule ``count_readers`` in words, to begin a sentence."""
    return f"{COUNT_READERS[count_readers].capitalize()} (count_readers: {count_readers})"


def _waiting(store: Store, sessions: Mapping[str, Session], count_readers: str) -> str:
    """In words: by which rule readers count, how far they are, and who has no access code yet."""
    far = [f"{reader} {session.answered} of {session.total}" for reader, session in sessions.items()]
    without = [reader for reader in sessions if reader not in set(accounts_table(store)["reader"])]
    said = f"nobody's answers count yet. {rule_in_words(count_readers)}. Cases answered: {', '.join(far)}."
    return said + (f" Without an access code: {', '.join(without)}." if without else "")
