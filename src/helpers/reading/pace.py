"""How long the rest of the reading will take, at the reader's own pace."""

from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from statistics import median

from helpers.study.answer import Answer
from helpers.study.trials import Trial

LAST = 20  # most recent answers used for a task's pace: readers become faster, and tired
AT_LEAST = 3  # answers needed for an estimate


class Pace:
    """Time left for one reader: for each task the trials left times the median active time of its last answers.

    A task that has not begun is assumed to go at the pace of the others. ``trials`` in their order, ``answers`` by
    trial_id.
    """

    def __init__(self, trials: Sequence[Trial], answers: Mapping[str, Answer]):
        self._tasks = [trial.task for trial in trials]
        self._times = defaultdict(lambda: deque(maxlen=LAST))
        for trial in trials:
            if trial.trial_id in answers:
                self.note(trial.task, answers[trial.trial_id].active_ms)

    def note(self, task: str, active_ms: float) -> None:
        """Record the time of one more answer."""
        self._times[task].append(active_ms)

    def seconds_left(self, answered: int) -> float | None:
        """Seconds for the trials after the first ``answered``; None before there are three answers."""
        known = [time for times in self._times.values() for time in times]
        if len(known) < AT_LEAST:
            return None
        left = Counter(self._tasks[answered:])
        return sum(count * median(self._times[task] or known) for task, count in left.items()) / 1000
