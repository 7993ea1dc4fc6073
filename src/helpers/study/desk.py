"""Joins one reader's session with the store."""

from collections.abc import Callable, Mapping

import pandas as pd

from helpers.study.answer import Answer
from helpers.study.events import Event, now
from helpers.study.session import Session
from helpers.study.store import Store
from helpers.study.trials import practice_answers, trials_of


class Desk:
    """Session and store of one reader. Every event is durable before the state advances.

    Two desks of one reader (two tabs, two kernels) share one log: each takes in what the other did before it acts.
    ``clock`` gives the ISO time of an event. ``key`` is that of the access code with which the reader entered; once
    there is a new code, every method raises EndedError. Raises ReadingError if the plan has no such reader, or if the
    reader's earlier readings are of another ``kind``.
    """

    def __init__(
        self,
        store: Store,
        plan: pd.DataFrame,
        reader: str,
        kind: str = "human",
        clock: Callable[[], str] = now,
        key: str | None = None,
    ):
        self.store, self.reader, self.kind, self.clock, self.key = store, reader, kind, clock, key
        self.session = Session(trials_of(plan, reader), practice=practice_answers(plan, reader))
        store.check_kind(store.readers().get(reader, kind), kind, reader)
        self.refresh()

    def __getattr__(self, name: str):
        """The session's own properties: current, position, answered, total, is_closed, upcoming, ..."""
        if name == "session":
            raise AttributeError(name)
        return getattr(self.session, name)

    def refresh(self) -> None:
        """Take in events that were written elsewhere in the meantime."""
        self.session.take_in(self.store.events(self.reader, self.session.seen, self.key))

    def enter(self, location: str) -> bool:
        """Record where the reader sits; False if it is where they sat last."""
        return self._commit(lambda at: self.session.enter(at, location))

    def agree(self, consent_sha256: str) -> bool:
        """Record that the reader agrees to the text with this digest; False if they already have."""
        return self._commit(lambda at: self.session.agree(at, consent_sha256))

    def present(self, facts: Mapping | None = None) -> bool:
        """Record that the current trial is on the screen."""
        return self._commit(lambda at: self.session.present(at, facts))

    def answer(self, trial_id: str, submission_id: str, answer: Answer) -> bool:
        """Record an answer; False if it was already recorded. It is on disk when this returns."""
        return self._commit(lambda at: self.session.answer(trial_id, submission_id, answer, at))

    def undo(self) -> bool:
        """Take the last answer back."""
        return self._commit(self.session.undo)

    def pause(self) -> bool:
        """Begin a break; False if there already is one."""
        return self._commit(self.session.pause)

    def resume(self) -> bool:
        """End the break; False if there is none."""
        return self._commit(self.session.resume)

    def close(self, reason: str = "") -> bool:
        """End the session until it is reopened; False if it has already ended."""
        return self._commit(lambda at: self.session.close(at, reason))

    def reopen(self, reason: str) -> bool:
        """Let a closed session continue where it stopped."""
        return self._commit(lambda at: self.session.reopen(at, reason))

    def _commit(self, step: Callable[[str], Event | None]) -> bool:
        before = self.session.seen

        def follow(news: list[Event]) -> Event | None:
            self.session.take_in(news[self.session.seen - before :])  # the store may call this twice
            return step(self.clock())

        event = self.store.extend(self.reader, before, follow, self.kind, self.key)
        if event is None:
            return False
        self.session.take_in([event])
        return True
