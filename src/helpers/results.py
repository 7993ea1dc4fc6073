"""The results of a statistics notebook: each table computed, written, recorded, shown and drawn in one call."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
from IPython.display import Markdown, display

from helpers.errors import StatisticsError
from helpers.figures.forest import forest
from helpers.figures.readable import both_conclusions, readable, with_letters
from helpers.figures.style import use_findings, use_style
from helpers.findings import ORIGINAL
from helpers.provenance import Stage, findings_of
from helpers.recording import load_for, provenance_banner, provenance_note, record
from helpers.report_answers import sentences
from helpers.runs import workspace
from helpers.stats.readings import source_order
from helpers.tables import write_table

REASON = "reason"  # in a table's ``attrs``: why it, or a part of it, is missing
NOTHING = "There is nothing to compare."

Estimate = Callable[[], pd.DataFrame]


class Results:
    """The results of one notebook: ``stage``, all ``readings``, and the ``note`` printed under its figures.

    A table that cannot be estimated (a StatisticsError, no rows, or no value in any row) is replaced by one line with
    the reason, and the notebook continues.
    """

    def __init__(self, stage: Stage, readings: pd.DataFrame, is_phantom: bool | None):
        self.stage, self.readings = stage, readings
        self.origin = self.note = provenance_note(readings, is_phantom)
        display(Markdown(provenance_banner(readings, is_phantom)))

    @classmethod
    def begin(cls, name: str, namespace: Mapping) -> "Results":
        """Start stage ``name`` from a notebook's ``globals()``; its parameters say which readings to load and how."""
        use_style()
        stage = Stage.begin(name, namespace)
        # readings from elsewhere need no run
        use_findings(findings_of(stage.run) if stage.run.findings.is_file() else ORIGINAL)
        how = {option: namespace[option] for option in ("readings", "scale", "real") if option in stage.parameters}
        return cls(stage, *load_for(stage, **how))

    def about(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows unchanged; from here on figures say how many readers, cases and readings the rows hold."""
        counts = f"{rows['reader'].nunique()} readers, {rows['case'].nunique()} cases, {len(rows)} readings."
        self.note = f"{counts} {self.origin}".strip()
        return rows

    def keep(
        self,
        name: str,
        estimate: Estimate | pd.DataFrame,
        names: str | None = None,
        method: str = "",
        value: str = "value",
        n: str = "readings",
    ) -> pd.DataFrame:
        """Write a table, or that of ``estimate()``, as ``name``.csv and record it under a pattern ``names``; not shown.

        If ``estimate()`` raises a StatisticsError, the table is empty, without columns, and no file is left.
        """
        table = attempted(estimate) if callable(estimate) else estimate
        path = self.stage.folder / f"{name}.csv"
        if len(table.columns):
            write_table(table, path)
        else:
            path.unlink(missing_ok=True)  # that of an earlier run
        if names:
            self.record(names, table, method, value, n)
        return table

    def record(self, names: str, table: pd.DataFrame, method: str, value: str = "value", n: str = "readings") -> None:
        """Record the rows of a table under ``names``, a pattern of its columns (see ``recording.record``)."""
        record(self.stage, names, table, method, value, n)

    def show(
        self,
        name: str,
        estimate: Estimate | pd.DataFrame,
        by: list[str],
        names: str | None = None,
        method: str = "",
        value: str = "value",
        n: str = "readings",
        **shown,
    ) -> None:
        """``keep`` a table and show it; ``shown`` are options of ``table``."""
        self.table(self.keep(name, estimate, names, method, value, n), by, value, **shown)

    def table(
        self,
        table: pd.DataFrame,
        by: list[str],
        value: str = "value",
        title: str = "Estimate",
        decimals: int = 2,
        interval: str = "95 % interval",
        without: Sequence[str] = (),
        nothing: str = NOTHING,
    ) -> None:
        """Show a table indexed by ``by``, with both conclusions side by side unless ``conclusion`` is in ``by``.

        Its notes go below. ``without``: columns to leave out; ``nothing``: what to say about a table without rows.
        """
        if reason := why_not(table, value, nothing):
            self.say(reason)
        if not is_known(table, value):
            return
        shown = table.drop(columns=[name for name in without if name in table])
        is_wide = "conclusion" in shown and "conclusion" not in by
        if is_wide:
            shown = both_conclusions(shown, by, value, title, interval, decimals)
        else:
            shown = readable(shown, by, decimals, interval)
        short, notes = with_letters(shown)
        display(short)
        if notes:
            self.say("\n".join(f"{letter}: {note}" for letter, note in notes.items()))

    def draw(self, name: str, plot: Callable, table: pd.DataFrame, *arguments, value: str = "value", **options) -> None:
        """Save and show ``plot(table, ...)`` with the note of this notebook; does nothing if no value is known."""
        if is_known(table, value):
            display(self.stage.figure(plot(table, *arguments, **{"note": self.note} | options), name))

    def forest(self, name: str, table: pd.DataFrame, by: list[str], axis: str, value: str = "value", **options) -> None:
        """``draw`` a forest plot; ``options`` are those of ``figures.forest.forest``."""
        self.draw(name, forest, table, by, axis, value, value=value, **options)

    def say(self, text: str) -> None:
        """Show a sentence, or several lines."""
        display(Markdown(text.replace("\n", "  \n")))

    def finish(self) -> None:
        """Finish the stage, and say which tables and figures it has written, and where."""
        self.stage.finish()
        for kind, folder, pattern in (
            ("Tables", self.stage.folder, "*.csv"),
            ("Figures", self.stage.run.figures, f"{self.stage.name}_*.png"),
        ):
            names = sorted(path.stem.removeprefix(f"{self.stage.name}_") for path in folder.glob(pattern))
            self.say(f"{kind} in `{folder.relative_to(workspace())}`: {', '.join(names)}.")

    def answer(self) -> None:
        """State in one or two sentences the answer from the numbers recorded so far, in the words of the report."""
        numbers = {result["name"]: result for result in self.stage.results}
        found = sentences(numbers, source_order(self.readings["source"]))[self.stage.name]
        self.say("**Answer.** " + (" ".join(found) or "These readings do not allow one; the reasons stand below."))


def attempted(estimate: Estimate) -> pd.DataFrame:
    """The table of ``estimate()``; an empty one with the reason in its ``attrs`` if it raises a StatisticsError."""
    try:
        return estimate()
    except StatisticsError as error:
        nothing = pd.DataFrame()
        nothing.attrs[REASON] = str(error)
        return nothing


def for_each(groups: Mapping[str, pd.DataFrame], estimate: Callable, column: str = "task") -> pd.DataFrame:
    """The tables ``estimate(rows)`` of all groups, one below the other, with the group's name in the last column.

    A group that cannot be estimated is left out; all reasons are in ``attrs``.
    """
    found = {name: attempted(lambda rows=rows: estimate(rows)) for name, rows in groups.items()}
    reasons = dict.fromkeys(table.attrs[REASON] for table in found.values() if REASON in table.attrs)
    tables = [table.assign(**{column: name}) for name, table in found.items() if len(table.columns)]
    joined = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    joined.attrs = {REASON: "; ".join(reasons)} if reasons else {}
    return joined


def is_known(table: pd.DataFrame, value: str = "value") -> bool:
    """Whether a table has rows, and a number in any of them (if it has a column ``value``)."""
    return len(table) > 0 and (value not in table or bool(table[value].notna().any()))


def why_not(table: pd.DataFrame, value: str = "value", nothing: str = NOTHING) -> str:
    """Why a table, or a part of it, cannot be estimated, as a sentence; empty if nothing is missing."""
    reasons = [table.attrs[REASON]] if REASON in table.attrs else []
    if not is_known(table, value):
        notes = table["note"].dropna() if "note" in table else []
        reasons += [note.removeprefix("not estimable: ").removesuffix(".") for note in dict.fromkeys(notes) if note]
        if not reasons:
            return nothing
    return f"Not estimable: {'; '.join(reasons)}." if reasons else ""
