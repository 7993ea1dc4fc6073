"""One reader's session as a pure state machine: trials in, events out; the event log alone determines the state."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from helpers.errors import ReadingError, StaleError
from helpers.study.answer import Answer
from helpers.study.events import Event
from helpers.study.facts import checked_facts
from helpers.study.state import State

TOGETHER = timedelta(minutes=10)  # within which two locations are taken to be in use at the same time


class Session(State):
    """What one reader may do next.

    The methods ``enter``, ``agree``, ``present``, ``answer``, ``undo``, ``pause``, ``resume``, ``close`` and
    ``reopen`` change nothing: they return the Event that would follow (or None if nothing would change). They raise
    StaleError if it may not follow because the session has moved on, and any other ReadingError if it never may.
    """

    def enter(self, at: str, location: str) -> Event | None:
        """The reader sits down at a location with an opaque name; None if they sat there last or the session is closed.

        The payload says whether another location was in use shortly before (``together``).
        """
        if location == self.location or self.is_closed:
            return None
        together = self.location is not None and _is_soon_after(self.last_at, at)
        return Event("entered", None, None, {"location": location, "together": together}, at)

    def agree(self, at: str, consent_sha256: str) -> Event | None:
        """The reader agrees to the text with this digest; None if that was the last one agreed to."""
        return None if consent_sha256 == self.consent else Event("agreed", None, None, {"sha256": consent_sha256}, at)

    def present(self, at: str, facts: Mapping | None = None) -> Event:
        """The current trial is on the screen; ``facts`` of the display come with the first one of a sitting.

        Raises StaleError if no trial is left, and ReadingError for malformed facts.
        """
        if self.current is None:
            raise StaleError("there is no trial left to present")
        return Event("presented", self.current.trial_id, None, dict(checked_facts(facts)) if facts else {}, at)

    def answer(self, trial_id: str, submission_id: str, answer: Answer, at: str) -> Event | None:
        """The current trial is answered; None if this submission is already known (sent twice).

        Raises StaleError for a trial of the session that is not the current one, and if the session is paused or
        closed; ReadingError for an unknown trial, a missing or misplaced reason, or a submission_id used for another
        trial.
        """
        if not submission_id:
            raise ReadingError("submission_id: must not be empty")
        if self._submissions.get(submission_id) == trial_id:
            return None
        event = Event("answered", trial_id, submission_id, asdict(answer), at)
        self._check(event)
        if self.is_paused:
            raise StaleError("the session is paused; resume it before answering")
        if self.current is None or trial_id != self.current.trial_id:
            shown = self.current.trial_id if self.current else "none, all are answered"
            raise StaleError(f"trial {trial_id!r} is not the current one ({shown}); reload the session")
        answer.check_for(self.current.task)
        return event

    def undo(self, at: str) -> Event:
        """The last answer is taken back, and its trial is current again."""
        return self._checked(Event("undone", next(reversed(self._answers), None), None, {}, at))

    def pause(self, at: str) -> Event | None:
        """A break begins; None if there already is one."""
        return None if self.is_paused else self._checked(Event("paused", None, None, {}, at))

    def resume(self, at: str) -> Event | None:
        """The break ends; None if there is none."""
        return self._checked(Event("resumed", None, None, {}, at)) if self.is_paused else None

    def close(self, at: str, reason: str = "") -> Event | None:
        """The session ends until it is reopened; None if it has already ended."""
        return None if self.is_closed else Event("closed", None, None, {"reason": reason} if reason else {}, at)

    def reopen(self, at: str, reason: str) -> Event:
        """A closed session continues where it stopped."""
        return self._checked(Event("reopened", None, None, {"reason": reason}, at))

    def _checked(self, event: Event) -> Event:
        self._check(event)
        return event


def _is_soon_after(earlier: str | None, later: str) -> bool:
    try:
        return datetime.fromisoformat(later) - datetime.fromisoformat(earlier or "") < TOGETHER
    except (ValueError, TypeError):  # no time, or one without a time zone
        return False
