"""The prompt as a random effect: how much an answer depends on the words from which an image was generated.

Readers r = 1..R read images c = 1..n of each of P prompt templates; an image belongs to one template, and every reader
reads all. One reading's score (right or wrong, a rating) is

    y = mean + reader + template + reader x template + image within template + rest

and the mean over a study has variance, for readers, templates and images like these,

    V = s_r / R + s_t / P + s_rt / (R P) + s_c / (P n) + s_e / (R P n)
      = (MS_R + MS_T - MS_RT) / (R P n)

with the variances s of the five terms and the mean squares of the table readers x templates (Searle, Casella and
McCulloch 1992, Variance Components, chapter 4). More images of few templates do not reduce V below s_t / P. Variances
are estimated by moments, Henderson's method I (Henderson 1953, Biometrics 9:226), which for complete tables is the
analysis of variance; the rest combines reader x image and error.
"""

from dataclasses import astuple, dataclass, fields

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError


@dataclass(frozen=True)
class Components:
    """Variances of one reading's score, or of a difference of two sources' readings; estimates may be negative."""

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

    Rows without a score are left out; cells may be missing. A source without templates has no template variance.
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

    The two sources have different images: their variances add up, for studies with equally many images of each source.
    If both sources were prompted with the same templates, template effects common to both cancel; otherwise each source
    has its own templates. Raises StatisticsError as ``components`` does, and if fewer than two readers read both.

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
        reader, template, both = two_way(table.to_numpy()[None])
        images = [part.groupby("template")["case"].nunique() for part in own]
        within = sum(p.case * (1.0 / n).mean() for p, n in zip((one, two), images, strict=True))
        readers, templates = table.shape
        parts = ((reader - both) / templates, (template - both) / readers - within, both - noise)
        return Components(*(float(np.squeeze(part)) for part in parts), case, rest)
    noise += sum(p.reader_template / len(names) for p, names in zip((one, two), named, strict=True) if names)
    both = one.reader_template + two.reader_template
    return Components(float(apart.var(ddof=1) - noise), one.template + two.template, both, case, rest)


def of_sources(rows: pd.DataFrame, sources: list[str], score: str = "correct") -> Components:
    """Variances of one source, or of the difference of two, including those due to prompts.

    Raises StatisticsError as ``components`` and ``difference`` do, and if no source has two prompt templates.

    >>> rows = pd.DataFrame({"reader": list("aaaabbbb"), "template": list("ssttsstt"), "case": list("12341234"),
    ...                      "source": "diffusion", "rating": [0, 2, 2, 4, 1, 3, 7, 9]})
    >>> of_sources(rows, ["diffusion"], "rating").table()["share"].round(3).tolist()  # 2.5, 5, 4, 2 and 0 of 13.5
    [0.185, 0.37, 0.296, 0.148, 0.0]
    """
    own = rows[rows["source"].isin(sources)]
    if "template" not in own or own["template"].dropna().nunique() < 2:
        raise StatisticsError(f"no images of {' and '.join(sources)} have two prompt templates or more")
    return components(own, score) if len(sources) == 1 else difference(own, *sources, score)


def two_way(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean squares (sets,) of rows, columns and their interaction of tables (sets, R, P) with one value per cell."""
    readers, templates = cells.shape[1:]
    row, column = cells.mean(axis=2), cells.mean(axis=1)
    rest = cells - row[:, :, None] - column[:, None] + cells.mean(axis=(1, 2), keepdims=True)
    both = (rest**2).sum(axis=(1, 2)) / ((readers - 1) * (templates - 1))
    return templates * row.var(axis=1, ddof=1), readers * column.var(axis=1, ddof=1), both


def _henderson(score: np.ndarray, codes: list[np.ndarray]) -> list[float] | None:
    """Variances of the groupings and of the rest; None if two groupings cannot be separated."""
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
