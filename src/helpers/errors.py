"""One exception type per kind of user mistake; the message says what, where and what to do next."""

import sys
from collections.abc import Callable


class StudyError(Exception):
    """Base of every error that the user of the study can fix."""


class ParameterError(StudyError):
    """A parameter or a params file is wrong."""


class RunError(StudyError):
    """A run, or a stage of it, is missing, unfinished or misnamed."""


class TableError(StudyError):
    """A table breaks its contract."""


class ImageError(StudyError):
    """An image cannot be read or is not what it should be."""


class CohortError(StudyError):
    """The data set, its labels or its splits cannot make a cohort."""


class CheckpointError(StudyError):
    """A checkpoint is damaged, foreign or missing."""


class TrainingError(StudyError):
    """Training went wrong: not a number, or collapse."""


class SampleError(StudyError):
    """Synthetic images cannot be made or joined to the study."""


class MetricError(StudyError):
    """An image metric cannot be computed from what was given."""


class PlanError(StudyError):
    """The study plan cannot be made from the available images."""


class StoreError(StudyError):
    """The readings database is damaged, locked or belongs to another plan."""


class RecordError(StudyError):
    """A record has changed since it was written."""


class ReadingError(StudyError):
    """A reading session was asked for something that it cannot do."""


class StaleError(ReadingError):
    """The session continues elsewhere: another window answered, paused or closed it."""


class EndedError(ReadingError):
    """The sitting has ended: its reader has since been given a new access code."""


class WaitingError(StudyError):
    """People have to read before the study can go on."""


class StatisticsError(StudyError):
    """The readings do not support the requested analysis."""


class DiskError(StudyError):
    """A file could not be written."""


def exit_code_of(command: Callable[[], int | None]) -> int:
    """Run a command; returns its exit code, or 2 with a line on stderr for an error that the user can fix."""
    try:
        return command() or 0
    except StudyError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
