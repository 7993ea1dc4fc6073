"""The prompt as a random effect: how far an answer depends on the words that an image was made from.

Readers r = 1..R read images c = 1..n of each of P prompt templates; an image belongs to one template, and every reader
reads all. One reading's score (right or wrong, a rating) is

    y = mean + reader + template + reader x template + image within template + rest

and the mean over a study varies, for readers, templates and images like these, by

    V = s_r / R + s_t / P + s_rt / (R P) + s_c / (P n) + s_e / (R P n)
      = (MS_R + MS_T - MS_RT) / (R P n)

with the variances s of the five terms and the mean squares of the table readers x templates (Searle, Casella and
McCulloch 1992, Variance Components, chapter 4). More images of few templates do not narrow V below s_t / P. Variances
are estimated by moments, Henderson's method I (Henderson 1953, Biometrics 9:226), which for complete tables is the
analysis of variance; the rest holds reader x image and chance together.
"""

from dataclasses import astuple, dataclass, fields

import numpy as np
import pandas as pd
from scipy.special import ncfdtr, stdtr, stdtrit

from helpers.errors import StatisticsError

LEVEL = 0.05  # of the test
TARGET = 0.8
MOST = 200  # templates tried


@dataclass(frozen=True)
class Components:
    """Variances of one reading's score, or of a difference of two sources' readings; moments may be negative."""

    reader: float
    template: float
    reader_template: float
    case: float
    rest: float

    def mean_squares(self, readers: int, templates: int, images: int) -> tuple[float, float, float]:
        """Expected mean squares of readers, templates and readers x templates; negative variances count as zero."""
        reader, template, both, case, rest = np.maximum(astuple(self), 0.0)
        both = rest + images * both
        return both + images * templates * reader, both + readers * (case + images * template), both

    def table(self) -> pd.DataFrame:
        """Columns component, variance and share (of the sum of those that are not negative)."""
        names = [field.name.replace("_", " x ") for field in fields(self)]
        table = pd.DataFrame({"component": names, "variance": astuple(self)})
        positive = table["variance"].clip(lower=0)
        return table.assign(share=positive / positive.sum())


def components(rows: pd.DataFrame, score: str = "correct") -> Components:
    """Variances of the scores of one source's readings; columns reader, case, template and ``score``.

    Rows without a score are left out; cells may be missing. A source without templates has none of their variance.
    Raises StatisticsError for fewer than two readers or templates, and for fewer than two images of every template.

    >>> rows = pd.DataFrame({"reader": list("aaaabbbb"), "template": list("ssttsstt"), "case": list("12341234"),
    ...                      "rating": [0, 2, 2, 4, 1, 3, 7, 9]})
    >>> components(rows, "rating")  # from mean squares 18, 32, 8, 4 and 0
    Components(reader=2.5, template=5.0, reader_template=4.0, case=2.0, rest=0.0)
    """
    rows = rows[rows[score].notna()]
    names = ["reader", "case"]
    if "template" in rows and rows["template"].notna().any():
        rows = rows[rows["template"].notna()]
        names = ["reader", "template", "reader_template", "case"]
    templates = rows["template"] if "template" in names else rows["reader"]
    keys = rows.assign(reader_template=rows["reader"].astype(str) + "\0" + templates.astype(str))
    for name in names:
        if keys[name].nunique() < 2:
            raise StatisticsError(f"one {name} only: its variance cannot be estimated")
    found = _henderson(rows[score].to_numpy(dtype="float64"), [pd.factorize(keys[name])[0] for name in names])
    if found is None:
        raise StatisticsError("each template has one image: templates and images cannot be told apart")
    return Components(**{"template": 0.0, "reader_template": 0.0} | dict(zip([*names, "rest"], found, strict=True)))


def difference(rows: pd.DataFrame, first: str, second: str, score: str = "correct") -> Components:
    """Variances of a difference of two sources (first minus second) as the same readers score them.

    Images of two sources are different ones: their variances add up, both being of studies with as many images of each
    source. Where both sources were prompted with the same templates, what templates do to both alike drops out;
    otherwise the templates of a source are its own. Raises StatisticsError as ``components``, and where no two readers
    read both.

    >>> one = pd.DataFrame({"reader": list("aaaabbbb"), "template": list("ssttsstt"), "case": list("12341234"),
    ...                     "source": "diffusion", "rating": [0, 2, 2, 4, 1, 3, 7, 9]})
    >>> two = one.assign(source="gan", case=list("56785678"), rating=[0, 2, 0, 2, 1, 3, 1, 3])  # templates alike
    >>> difference(pd.concat([one, two]), "diffusion", "gan", "rating").template
    4.0
    """
    own = [rows[(rows["source"] == source) & rows[score].notna()] for source in (first, second)]
    one, two = (components(part, score) for part in own)
    named = [set(part["template"].dropna()) if "template" in part else set() for part in own]
    cells = ["reader", "template"] if named[0] and named[0] == named[1] else ["reader"]
    means = [part.groupby(cells)[score].agg(["mean", "size"]) for part in own]
    apart = (means[0]["mean"] - means[1]["mean"]).astype(float).dropna()
    if apart.index.get_level_values(0).nunique() < 2:
        raise StatisticsError(f"fewer than two readers read both {first!r} and {second!r}")
    noise = sum(p.rest * (1.0 / m["size"]).mean() for p, m in zip((one, two), means, strict=True))
    case, rest = one.case + two.case, one.rest + two.rest
    if len(cells) == 2:
        table = apart.unstack()
        if table.isna().to_numpy().any():
            raise StatisticsError("not every reader read images of every template of both sources")
        reader, template, both = _two_way(table.to_numpy()[None])
        images = [part.groupby("template")["case"].nunique() for part in own]
        within = sum(p.case * (1.0 / n).mean() for p, n in zip((one, two), images, strict=True))
        readers, templates = table.shape
        parts = ((reader - both) / templates, (template - both) / readers - within, both - noise)
        return Components(*(float(np.squeeze(part)) for part in parts), case, rest)
    noise += sum(p.reader_template / len(names) for p, names in zip((one, two), named, strict=True) if names)
    both = one.reader_template + two.reader_template
    return Components(float(apart.var(ddof=1) - noise), one.template + two.template, both, case, rest)


def of_sources(rows: pd.DataFrame, sources: list[str], score: str = "correct") -> Components:
    """Variances of one source, or of the difference of two, in which prompts have a part.

    Raises StatisticsError as ``components`` and ``difference``, and where no source has two prompt templates.

    >>> rows = pd.DataFrame({"reader": list("aaaabbbb"), "template": list("ssttsstt"), "case": list("12341234"),
    ...                      "source": "diffusion", "rating": [0, 2, 2, 4, 1, 3, 7, 9]})
    >>> of_sources(rows, ["diffusion"], "rating").table()["share"].round(3).tolist()  # 2.5, 5, 4, 2 and 0 of 13.5
    [0.185, 0.37, 0.296, 0.148, 0.0]
    """
    own = rows[rows["source"].isin(sources)]
    if "template" not in own or own["template"].dropna().nunique() < 2:
        raise StatisticsError(f"no images of {' and '.join(sources)} have two prompt templates or more")
    return components(own, score) if len(sources) == 1 else difference(own, *sources, score)


def standard_error(of: Components, readers: int, templates: int, images: int) -> tuple[float, float]:
    """Standard error of the mean over a study, and its degrees of freedom (Satterthwaite), from expected values.

    >>> of = Components(reader=0.01, template=0.015, reader_template=0.002, case=0.04, rest=0.16)
    >>> error, degrees = standard_error(of, readers=8, templates=10, images=4)
    >>> round(error**2, 6), round(0.01 / 8 + 0.015 / 10 + 0.002 / 80 + 0.04 / 40 + 0.16 / 320, 6)
    (0.004275, 0.004275)
    """
    reader, template, both = of.mean_squares(readers, templates, images)
    variance, degrees = _mean_variance(np.array([reader]), np.array([template]), np.array([both]), readers, templates)
    return float(np.sqrt(variance[0] / images)), float(degrees[0])


def power(of: Components, effect: float, readers: int, templates: int, images: int) -> float:
    """Chance that a study finds a true ``effect`` (a difference of means) at p < .05, two-sided (noncentral t).

    ``images`` of each template, of each source. Raises StatisticsError for fewer than two readers or templates.

    >>> spread = Components(reader=0.01, template=0.015, reader_template=0.002, case=0.04, rest=0.16)
    >>> [round(power(spread, 0.15, 8, templates, images=40 // templates), 2) for templates in (4, 10, 20)]
    [0.31, 0.56, 0.67]
    """
    _check(readers, templates, images)
    error, degrees = standard_error(of, readers, templates, images)
    if error == 0:
        return float(effect != 0)
    limit = stdtrit(degrees, 1 - LEVEL / 2)
    return float(1 - ncfdtr(1, degrees, (effect / error) ** 2, limit**2))


def simulated_power(
    of: Components, effect: float, readers: int, templates: int, images: int, sets: int = 2000, seed: int = 1
) -> float:
    """``power`` by simulation: normal effects are drawn, and each set is tested with its own mean squares.

    >>> of = Components(reader=0.01, template=0.015, reader_template=0.002, case=0.04, rest=0.16)
    >>> round(simulated_power(of, 0.15, 8, 10, 4), 2), round(power(of, 0.15, 8, 10, 4), 2)
    (0.53, 0.56)
    """
    _check(readers, templates, images)
    reader, template, both, case, rest = np.sqrt(np.maximum(astuple(of), 0.0))
    generator = np.random.default_rng([seed, readers, templates, images])
    means = effect + reader * generator.normal(size=(sets, readers, 1))
    means = means + np.hypot(template, case / np.sqrt(images)) * generator.normal(size=(sets, 1, templates))
    spread = np.hypot(both, rest / np.sqrt(images))
    means = means + spread * generator.normal(size=(sets, readers, templates))
    variance, degrees = _mean_variance(*_two_way(means), readers, templates)
    statistic = np.abs(means.mean(axis=(1, 2))) / np.sqrt(variance)
    return float((2 * stdtr(degrees, -statistic) < LEVEL).mean())


def templates_needed(
    of: Components, effect: float, readers: list[int], images: list[int], target: float = TARGET
) -> pd.DataFrame:
    """Fewest templates with which a study finds a true ``effect`` with power ``target``.

    One row for each number of readers and of images of a template: readers, images, templates (missing where 200 do
    not suffice), power (with them), note.

    >>> of = Components(reader=0.01, template=0.015, reader_template=0.002, case=0.04, rest=0.16)
    >>> templates_needed(of, 0.15, readers=[8, 20], images=[2, 4])[["readers", "images", "templates"]].values.tolist()
    [[8, 2, 36], [8, 4, 24], [20, 2, 19], [20, 4, 14]]
    """
    lines = []
    for count in readers:
        for each in images:
            found = _fewest(of, effect, count, each, target)
            reached = power(of, effect, count, found or MOST, each)
            note = "" if found else f"{MOST} templates give {reached:.0%}: take more readers"
            lines.append((count, each, found, reached if found else np.nan, note))
    table = pd.DataFrame(lines, columns=["readers", "images", "templates", "power", "note"])
    return table.astype({"templates": "Int64"})


def _fewest(of: Components, effect: float, readers: int, images: int, target: float) -> int | None:
    """By halving: power rises with the number of templates."""
    low, high = 1, MOST
    if power(of, effect, readers, high, images) < target:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(of, effect, readers, middle, images) >= target else (middle, high)
    return high


def _check(readers: int, templates: int, images: int) -> None:
    if readers < 2 or templates < 2 or images < 1:
        raise StatisticsError(f"{readers} readers, {templates} templates, {images} images: need at least 2, 2 and 1")


def _two_way(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean squares (sets,) of rows, columns and their interaction of tables (sets, R, P) with one value a cell."""
    readers, templates = cells.shape[1:]
    row, column = cells.mean(axis=2), cells.mean(axis=1)
    rest = cells - row[:, :, None] - column[:, None] + cells.mean(axis=(1, 2), keepdims=True)
    both = (rest**2).sum(axis=(1, 2)) / ((readers - 1) * (templates - 1))
    return templates * row.var(axis=1, ddof=1), readers * column.var(axis=1, ddof=1), both


def _mean_variance(
    reader: np.ndarray, template: np.ndarray, both: np.ndarray, readers: int, templates: int
) -> tuple[np.ndarray, np.ndarray]:
    """Variance of the mean of a table and its degrees of freedom from mean squares of cells; a mean square below that
    of the interaction counts as it."""
    squares = np.stack([np.maximum(reader, both), np.maximum(template, both), both])
    total = squares[0] + squares[1] - both
    used = np.stack([reader > both, template > both, (reader > both) == (template > both)])
    degrees = np.array([readers - 1, templates - 1, (readers - 1) * (templates - 1)])
    with np.errstate(invalid="ignore", divide="ignore"):
        freedom = total**2 / (used * squares**2 / degrees[:, None]).sum(axis=0)
    freedom = np.where(total > 0, freedom, degrees[2])
    return total / (readers * templates), np.maximum(freedom, min(degrees[:2]))


def _henderson(score: np.ndarray, codes: list[np.ndarray]) -> list[float] | None:
    """Variances of the groupings and of the rest; None where two groupings cannot be told apart."""
    codes = [*codes, np.arange(len(score))]
    centred = score - score.mean()
    sizes = [np.bincount(code) for code in codes]
    squares = [(np.bincount(code, centred) ** 2 / size).sum() for code, size in zip(codes, sizes, strict=True)]
    expected = np.empty((len(codes), len(codes)))
    for i, (a, size) in enumerate(zip(codes, sizes, strict=True)):
        for j, b in enumerate(codes):
            cells, counts = np.unique(a * len(sizes[j]) + b, return_counts=True)
            expected[i, j] = (counts**2 / size[cells // len(sizes[j])]).sum() - (sizes[j] ** 2).sum() / len(score)
    if np.linalg.matrix_rank(expected) < len(codes):
        return None
    return np.linalg.solve(expected, squares).tolist()
