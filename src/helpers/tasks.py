"""Reading tasks: what each one shows, asks and counts as right. All other code looks tasks up here.

A task is added by declaring it in ``TASKS``, with its strings (``reading/strings.json``, by ``words``), its count in
the plan (``study/settings.py``, by ``count``), its simulated observer (``study/observers``) and its notebook.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

REAL = "real"  # the source of images that no generator made
RATINGS = (-2, -1, 0, 1, 2)  # the scale that ordered tasks share

Right = Callable[[str, int, str | None], str]


@dataclass(frozen=True)
class Task:
    """One kind of trial.

    ``name`` is used in the column ``task`` of tables, ``title`` in figures. ``means`` maps each allowed rating to the
    answer that it claims, None if it leaves the question open. ``right`` gives the right answer of a trial from its
    source, truth (1 or 0) and ``side``. ``places`` names the images on the screen from left to right, ``side`` being
    the place of the synthetic one; without places a trial shows a single image. ``partners`` is the number of real
    images beside the image of the trial's source. ``shows_real``: real images are a source of their own;
    ``per_generator``: with as many trials as each generator has. ``names_finding``: the reader is told which finding is
    meant. ``asks_why``: a decided answer needs its main reason. ``marks_finding``: an answer that does not call the
    finding absent may mark where it is. ``ordered``: a higher rating speaks more for the last answer. ``words`` is the
    key of its strings, ``count`` the plan's setting for the number of trials in a cell, ``notebook`` the one that
    analyses it, ``scale`` a line for the codebook.
    """

    name: str
    title: str
    words: str
    count: str
    notebook: str
    scale: str
    means: Mapping[int, str | None]
    right: Right
    places: tuple[str, ...] = ()
    shows_real: bool = False
    per_generator: bool = False
    names_finding: bool = False
    asks_why: bool = False
    marks_finding: bool = False
    ordered: bool = True

    @property
    def partners(self) -> int:
        """Number of real images beside the synthetic one."""
        return max(len(self.places) - 1, 0)

    @property
    def answers(self) -> tuple[str, ...]:
        """Answers in the order of their ratings."""
        return tuple(dict.fromkeys(answer for _, answer in sorted(self.means.items()) if answer is not None))

    @property
    def chance(self) -> float:
        """Proportion of right answers for a reader who guesses."""
        return 1 / len(self.answers)

    def asks_reason(self, rating: int) -> bool:
        """Whether an answer with this rating needs its main reason."""
        return self.asks_why and self.means[rating] is not None

    def takes_mark(self, rating: int) -> bool:
        """Whether an answer with this rating may come with a mark: where its reason is, or where the finding is."""
        return self.asks_reason(rating) or (self.marks_finding and self.means[rating] != "absent")

    def is_right(self, rating: int, source: str, truth: int, side: str | None) -> bool | None:
        """Whether a rating claims the right answer; None if it leaves the question open or the side is unknown."""
        return self.agrees(self.means[rating], source, truth, side)

    def agrees(self, answer: str | None, source: str, truth: int, side: str | None) -> bool | None:
        """Whether an answer is the right one; None if there is no answer or the side is unknown."""
        known = side in self.places or not self.places
        return None if answer is None or not known else answer == self.right(source, truth, side)

    def shown_sources(self, generators: Sequence[str]) -> list[str]:
        """The source of each trial that a cell gets in one round."""
        if self.per_generator:
            return [source for generator in generators for source in (generator, REAL)]
        return [REAL, *generators] if self.shows_real else list(generators)


def _five_steps(low: str, high: str) -> Mapping[int, str | None]:
    return MappingProxyType(dict(zip(RATINGS, (low, low, None, high, high), strict=True)))


def _choice(alternatives: int) -> Task:
    """One synthetic image among several; the reader must choose one (m-alternative forced choice)."""
    places = tuple(str(place) for place in range(1, alternatives + 1))
    return Task(
        name=f"realism_choice_{alternatives}",
        title=f"Realism (1 of {alternatives})",
        words="realism_choice",
        count="choices_per_cell",
        notebook="08_realism_choice",
        scale=f"place of the image called synthetic, 1 to {alternatives} from the left, row by row",
        means=MappingProxyType({int(place): place for place in places}),
        right=lambda source, truth, side: str(side),
        places=places,
        asks_why=True,
        ordered=False,
    )


PAIR, SINGLE, CONDITIONALITY = "realism_pair", "realism_single", "conditionality"

TASKS: Mapping[str, Task] = MappingProxyType(
    {
        task.name: task
        for task in (
            Task(
                name=PAIR,
                title="Realism (pair)",
                words=PAIR,
                count="pairs_per_cell",
                notebook="08_realism",
                scale="-2 definitely left is synthetic .. 2 definitely right; 0 undetermined",
                means=_five_steps("left", "right"),
                right=lambda source, truth, side: str(side),
                places=("left", "right"),
                asks_why=True,
            ),
            Task(
                name=SINGLE,
                title="Realism (single image)",
                words=SINGLE,
                count="singles_per_cell",
                notebook="08_realism",
                scale="-2 definitely real .. 2 definitely synthetic; 0 undetermined",
                means=_five_steps("real", "synthetic"),
                right=lambda source, truth, side: "real" if source == REAL else "synthetic",
                shows_real=True,
                per_generator=True,
                asks_why=True,
            ),
            Task(
                name=CONDITIONALITY,
                title="Conditionality",
                words=CONDITIONALITY,
                count="conditionality_per_cell",
                notebook="09_conditionality",
                scale="-2 definitely not present .. 2 definitely present; 0 undetermined",
                means=_five_steps("absent", "present"),
                right=lambda source, truth, side: "present" if truth else "absent",
                shows_real=True,
                names_finding=True,
                marks_finding=True,
            ),
            *(_choice(alternatives) for alternatives in (2, 3, 4)),
        )
    }
)

ALL_RATINGS = tuple(sorted({rating for task in TASKS.values() for rating in task.means}))
PLACES = tuple(dict.fromkeys(place for task in TASKS.values() for place in task.places))
NOTEBOOKS_OF_TASKS = tuple(sorted({task.notebook for task in TASKS.values()}))


def right_answer(trial) -> str:
    """The right answer of a row of the plan, which has task, source, present and side."""
    return TASKS[trial.task].right(trial.source, trial.present, trial.side)
