"""The events of a session as they are stored, and those that are set aside."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

KINDS = ("entered", "agreed", "presented", "answered", "undone", "paused", "resumed", "closed")
KINDS += ("reopened", "withdrawn")


@dataclass(frozen=True)
class Event:
    """One thing that happened in a session; ``at`` is ISO 8601 with time zone, ``payload`` is JSON-ready."""

    kind: str
    trial_id: str | None
    submission_id: str | None
    payload: dict = field(default_factory=dict)
    at: str = ""


@dataclass(frozen=True)
class SetAside:
    """A stored event, or part of one, that is set aside as malformed or out of sequence; ``why`` reveals no content."""

    sequence: int
    trial_id: str | None
    why: str


def now() -> str:
    """The current time, ISO 8601, UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
