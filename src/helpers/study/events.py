"""What happens in a session, as it is stored, and what of it is set aside."""

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
    """A stored event, or a part of it, that does not count because it is not sound; ``why`` tells no content."""

    sequence: int
    trial_id: str | None
    why: str


def now() -> str:
    """The present moment, ISO 8601, UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
