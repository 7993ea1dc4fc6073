"""Drawings of tables as SVG with clickable marks: the same SVG text is used in a static page and in a view.

matplotlib takes half a second for a figure; what follows a slider has to be faster. Colours, titles and notes are
those of ``figures``.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.explore.canvas import GREY, PALE, TEXT, Canvas, Drawing, ticks
from helpers.figures.forest import row_title
from helpers.figures.style import finding_title, source_colours, source_title
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.mrmc.roc import MEAN, RATES
from helpers.stats.readings import source_order

LETTER = 6.7  # pixels per character
ROW = 26  # pixels per line of a forest plot
Pick = Callable[[Mapping], Mapping]  # gives what a row of a table picks


def forest(
    table: pd.DataFrame, labels: list[str], axis: str, pick: Pick | None = None, value: str = "value",
    null: float | None = 0.5, limits: tuple[float, float] | None = (0.0, 1.0), margins: tuple | None = None,
    bars: bool = False, sample: str = THESE,
) -> Drawing:  # fmt: skip
    """One line per estimate of a tidy table (``labels``, conclusion, ``value``, low, high), as in ``figures.forest``.

    Thick intervals are for these readers, thin ones for readers like these. ``bars``: a bar from 0 instead of a dot.
    ``sample``: whom or what the thick intervals are for, in words.
    """
    canvas, shown, own = Canvas(), {}, {}
    for row in table.to_dict("records"):
        key = tuple(row[name] for name in labels)
        shown.setdefault(key, row)
        numbers = tuple(float(row[name]) for name in (value, "low", "high"))
        own.setdefault(key, {})[row["conclusion"]] = numbers
    titles = [row_title(row, labels) for row in shown.values()]
    left = 14 + LETTER * max(map(len, titles), default=0)
    low, high = limits or _limits(table, value, null, margins)
    at = lambda number: left + 300 * (min(max(number, low), high) - low) / (high - low)  # noqa: E731
    bottom = 34 + ROW * len(shown)
    if margins:
        canvas.box(at(margins[0]), 24, at(margins[1]) - at(margins[0]), bottom - 24, "#dce9dc")
    for tick in ticks(low, high):
        canvas.line(at(tick), 24, at(tick), bottom, PALE)
        canvas.text(at(tick), bottom + 15, f"{tick:g}".replace("-", "\N{MINUS SIGN}"), "middle", 11, GREY)
    if null is not None:
        canvas.line(at(null), 24, at(null), bottom, GREY, 1, 'stroke-dasharray="4 3"')
    colours = source_colours(table["source"]) if "source" in table else {}
    for place, ((key, row), title) in enumerate(zip(shown.items(), titles, strict=True)):
        y, colour = 34 + ROW * (place + 0.5), colours.get(row.get("source"), "#333333")
        canvas.begin(pick(row) if pick else None, title)
        canvas.box(0, y - ROW / 2, left + 480, ROW, "#fff", 'opacity="0"')
        canvas.text(left - 10, y + 4, title, "end")
        if bars and np.isfinite(row[value]):
            canvas.box(at(0), y - 7, at(row[value]) - at(0), 14, colour, 'opacity="0.35"')
        _estimate(canvas, own[key], y, at, colour, left + 316, bars)
        canvas.end()
    canvas.text(left, 16, axis, "start", 12)
    canvas.text(left + 316, 10, f"Estimate ({sample})", size=10, colour=GREY)
    if any(LIKE in one for one in own.values()):
        canvas.text(left + 345, 22, f"({LIKE})", size=9.5, colour=GREY)
    return canvas.drawn(left + 480, bottom + 24)


def _estimate(canvas: Canvas, own: Mapping[str, tuple], y: float, at: Callable, colour: str, x: float, bars: bool):
    """Intervals, dot and numbers of one estimate."""
    estimate = next(iter(own.values()))[0]
    for conclusion, width, shift in ((THESE, 5, -2.5), (LIKE, 1.5, 4.5)):
        if conclusion in own and np.isfinite(own[conclusion][1]):
            _, low, high = own[conclusion]
            more = 'opacity="0.45"' if conclusion == THESE else ""
            canvas.line(at(low), y + shift, at(high), y + shift, colour, width, more)
    if np.isfinite(estimate):
        canvas.dot(at(estimate), y - 2.5, colour, 3.5 if bars else 5)
        said = [f"{estimate:z.2f} ({_interval(own, THESE)})", f"({_interval(own, LIKE)})"]
        canvas.text(x, y + (0 if LIKE in own else 4), said[0].replace("-", "\N{MINUS SIGN}"), size=11)
        if LIKE in own:
            canvas.text(x + 29, y + 11, said[1].replace("-", "\N{MINUS SIGN}"), size=9.5, colour=GREY)
    else:
        canvas.text(x, y + 4, "not estimable", size=11, colour=GREY)


def bars(values: Mapping[str, float], axis: str) -> Drawing:
    """A bar for each named number, 0 to 1."""
    canvas, left = Canvas(), 14 + LETTER * max(map(len, values), default=0)
    bottom = 30 + ROW * len(values)
    for tick in ticks(0, 1, 4):
        canvas.line(left + 160 * tick, 22, left + 160 * tick, bottom, PALE)
        canvas.text(left + 160 * tick, bottom + 14, f"{tick:g}", "middle", 11, GREY)
    for place, (name, value) in enumerate(values.items()):
        y = 30 + ROW * (place + 0.5)
        canvas.text(left - 8, y + 4, name, "end")
        canvas.box(left, y - 8, 160 * value, 16, "#56B4E9")
        canvas.text(left + 166, y + 4, f"{value:.2f}", size=11)
    canvas.text(left, 14, axis, size=11, colour=GREY)
    return canvas.drawn(left + 206, bottom + 22)


def _interval(own: Mapping[str, tuple], conclusion: str) -> str:
    if conclusion not in own or not np.isfinite(own[conclusion][1]):
        return "–"
    return "{:z.2f} to {:z.2f}".format(*own[conclusion][1:])


def _limits(table: pd.DataFrame, value: str, null: float | None, margins: tuple | None) -> tuple[float, float]:
    """Limits of an axis that covers every estimate and interval, with a little room."""
    numbers = table[[value, "low", "high"]].astype(float).to_numpy().ravel()
    numbers = [*numbers[np.isfinite(numbers)], *([] if null is None else [null]), *(margins or ())]
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
    room = 0.08 * ((high - low) or 1.0)
    return low - room, high + room


def matrix(shares: pd.DataFrame, pick: Pick | None = None) -> Drawing:
    """How often each answer was given to present and absent cases, one block for each source.

    ``shares``: source, truth, rating, share, readings, label, as returned by ``figures.conditionality.rating_table``.
    """
    canvas, wide, high = Canvas(), 74, 34
    grades = shares.drop_duplicates("rating")
    colours, left, top = source_colours(shares["source"]), 84, 44
    for place, source in enumerate(source_order(shares["source"])):
        y0 = top + place * (2 * high + 22)
        canvas.text(0, y0 + 13, source_title(source), size=12)
        for line, truth in enumerate((1, 0)):
            y = y0 + line * high
            canvas.text(left - 8, y + high / 2 + 13, "present" if truth else "absent", "end", 11, GREY)
            for column, rating in enumerate(grades["rating"]):
                own = shares[(shares["source"] == source) & (shares["truth"] == truth) & (shares["rating"] == rating)]
                if own.empty:
                    continue
                row = own.iloc[0]
                count, x = round(row["share"] * row["readings"]), left + column * wide
                answers = f"{count} answer{'' if count == 1 else 's'}"
                words = f"{source_title(source)}, {'present' if truth else 'absent'}: {row['label']}, {answers}"
                canvas.begin(pick(row) if pick else None, words.replace("\n", " "))
                canvas.box(x, y + 4, wide - 3, high - 3, "#fff", f'stroke="{GREY}" stroke-opacity="0.4"')
                shade = f'fill-opacity="{0.85 * row["share"]:.2f}"'
                canvas.box(x, y + 4, wide - 3, high - 3, colours[source], shade)
                colour = "#fff" if row["share"] > 0.55 else TEXT
                canvas.text(x + wide / 2 - 2, y + high / 2 + 7, f"{row['share']:.0%}  ({count})", "middle", 11, colour)
                canvas.end()
    for column, label in enumerate(grades["label"]):
        for line, words in enumerate(label.split("\n")):
            canvas.text(left + (column + 0.5) * wide - 2, 16 + 13 * line, words, "middle", 10.5, GREY)
    width = left + wide * len(grades) + 4
    return canvas.drawn(width, top + shares["source"].nunique() * (2 * high + 22))


def roc(points: pd.DataFrame, steps: pd.DataFrame, pick: Pick | None = None) -> Drawing:
    """ROC curves, one panel for each finding: readers thin, with their steps; the mean of the readers thick.

    ``points``: ``mrmc.roc_points`` by finding and source. ``steps``: finding, source, reader, answer, both rates.
    """
    canvas, side, colours = Canvas(), 200, source_colours(points["source"])
    findings = list(dict.fromkeys(points["finding"]))
    for place, finding in enumerate(findings):
        x0, y0 = 34 + (place % 4) * (side + 34), 30 + (place // 4) * (side + 60)
        spot = lambda rates, x0=x0, y0=y0: (x0 + side * rates[0], y0 + side * (1 - rates[1]))  # noqa: E731
        canvas.box(x0, y0, side, side, "#fff", f'stroke="{PALE}"')
        canvas.path([spot((0, 0)), spot((1, 1))], GREY, 1, 'stroke-dasharray="4 3"')
        canvas.text(x0 + side / 2, y0 - 8, finding_title(finding), "middle", 12)
        canvas.text(x0 + side / 2, y0 + side + 16, "False positive rate", "middle", 10.5, GREY)
        if place % 4 == 0:
            x, y = x0 - 8, y0 + side / 2
            turned = f'transform="rotate(-90 {x:.0f} {y:.0f})"'
            canvas.text(x, y, "True positive rate", "middle", 10.5, GREY, turned)
        for (source, reader), line in points[points["finding"] == finding].groupby(["source", "reader"], sort=False):
            is_mean = reader == MEAN
            more = "" if is_mean else 'opacity="0.4"'
            canvas.path(map(spot, line[RATES].to_numpy()), colours[source], 2.5 if is_mean else 1, more)
        for _, step in steps[steps["finding"] == finding].iterrows():
            words = f"{source_title(step['source'])}, {step['reader']}: the step of “{step['answer']}”"
            canvas.begin(pick(step) if pick else None, words)
            canvas.dot(*spot(step[RATES].to_numpy()), colours[step["source"]], 3.6)
            canvas.end()
    bottom = 30 + (-(-len(findings) // 4)) * (side + 60) - 16
    _legend(canvas, source_order(points["source"]), colours, 34, bottom)
    return canvas.drawn(34 + min(4, len(findings)) * (side + 34), bottom + 12)


def _legend(canvas: Canvas, sources: Sequence[str], colours: Mapping, x: float, y: float) -> None:
    for source in sources:
        canvas.line(x, y - 4, x + 18, y - 4, colours[source], 3)
        canvas.text(x + 24, y, source_title(source), size=11)
        x += 40 + LETTER * len(source_title(source))


def curves(lines: Mapping[str, tuple], axes: tuple[str, str], mark: tuple[float, float], target: float) -> Drawing:
    """Rising curves by name (x and y as arrays, y in 0..1), with a ``mark`` on one of them and a target line."""
    canvas, wide, high, left, top = Canvas(), 420, 240, 54, 20
    ends = [float(end(np.concatenate([x for x, _ in lines.values()]))) for end in (np.min, np.max)]
    spot = lambda x, y: (left + wide * (x - ends[0]) / (ends[1] - ends[0]), top + high * (1 - y))  # noqa: E731
    for y in ticks(0, 1):
        canvas.line(left, spot(ends[0], y)[1], left + wide, spot(ends[0], y)[1], PALE)
        canvas.text(left - 6, spot(ends[0], y)[1] + 4, f"{y:g}", "end", 11, GREY)
    for x in ticks(*ends):
        canvas.text(spot(x, 0)[0], top + high + 16, f"{x:g}", "middle", 11, GREY)
    canvas.line(*spot(ends[0], target), *spot(ends[1], target), "#009E73", 1, 'stroke-dasharray="4 3"')
    shades = ("#0072B2", "#56B4E9", "#D55E00", "#E69F00", "#CC79A7")
    for place, (name, (x, y)) in enumerate(lines.items()):
        known = np.isfinite(y)
        canvas.path([spot(*pair) for pair in zip(x[known], y[known], strict=True)], shades[place % 5], 2.2)
        canvas.line(
            left + wide + 12, top + 14 + 18 * place, left + wide + 30, top + 14 + 18 * place, shades[place % 5], 3
        )
        canvas.text(left + wide + 36, top + 18 + 18 * place, name, size=11)
    if np.isfinite(mark[1]):
        canvas.dot(*spot(float(np.clip(mark[0], *ends)), mark[1]), "#000000", 6)
    canvas.text(left + wide / 2, top + high + 34, axes[0], "middle", 12)
    canvas.text(left, 12, axes[1], "start", 12)
    return canvas.drawn(left + wide + 200, top + high + 42)
