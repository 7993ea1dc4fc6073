"""The state of a reader's session, as the browser shows it."""

from helpers.study.desk import Desk


def turn_of(desk: Desk) -> dict:
    """The current trial's opaque id and the reader's progress; its size does not depend on the number of trials."""
    current = desk.current
    n, total = desk.place or (None, None)
    return {
        "trial": current and current.trial_id,
        "is_practice": bool(current and current.is_practice),
        "n": n,
        "total": total,
        "total_all": desk.total,
        "practice_all": desk.practice_total,
        **{name: getattr(desk, name) for name in ("answered", "can_undo", "is_paused", "is_closed")},
    }
