"""Disease: which findings a phantom has, how severe they are, and how much of the lung's air each replaces."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np

from helpers.cohort.phantom.anatomy import Chest
from helpers.cohort.phantom.fields import texture_pair
from helpers.cohort.phantom.grid import Grid
from helpers.errors import ParameterError

# Joint probability of (atelectasis, lung opacity, pleural effusion, enlarged cardiac silhouette). The prevalences are
# 0.295, 0.35, 0.305 and 0.345; effusion is associated with atelectasis and a large heart, as in hospital patients.
# A design choice (a rounded four-variate probit), so that every study cell has many images; not any hospital's figures.
CO_OCCURRENCE = {
    (0, 0, 0, 0): 0.305, (0, 0, 0, 1): 0.100, (0, 0, 1, 0): 0.040, (0, 0, 1, 1): 0.045,
    (0, 1, 0, 0): 0.110, (0, 1, 0, 1): 0.040, (0, 1, 1, 0): 0.030, (0, 1, 1, 1): 0.035,
    (1, 0, 0, 0): 0.060, (1, 0, 0, 1): 0.025, (1, 0, 1, 0): 0.035, (1, 0, 1, 1): 0.040,
    (1, 1, 0, 0): 0.040, (1, 1, 0, 1): 0.015, (1, 1, 1, 0): 0.035, (1, 1, 1, 1): 0.045,
}  # fmt: skip
ATELECTASIS_KINDS = ("plate", "segment", "lobe")
AT, LO, PE, ECS = DRAWN = ("atelectasis", "lung_opacity", "pleural_effusion", "enlarged_cardiac_silhouette")
LARGE_HEART = 0.499  # largest cardiothoracic ratio without the finding


@dataclass(frozen=True)
class Disease:
    """Findings of one phantom. Severity is 0 (absent) or above 0 and up to 1; sides are -1 right, +1 left."""

    severity: dict[str, float]
    ctr: float  # cardiothoracic ratio at PA magnification; above 0.5 exactly when the finding is present
    atelectasis_kind: str
    atelectasis_side: int
    plates: list[list[float]]  # (3, 4): height, slope, thickness, length, all in 0..1
    opacity_sites: list[list[float]]  # (4, 5): side, across, down, size, strength, all in 0..1
    opacity_count: int
    effusion_shares: tuple[float, float]  # amount on the right and on the left, the larger one is 1
    lying: bool  # at a bedside examination: flat on the back, so that fluid spreads behind the lung

    def present(self, name: str) -> int:
        """1 if the finding is present, else 0."""
        return int(self.severity[name] > 0)


def draw_states(generator: np.random.Generator) -> dict[str, int]:
    """Draw the four states from the co-occurrence table."""
    place = np.searchsorted(np.cumsum(list(CO_OCCURRENCE.values())), generator.random(), side="right")
    return dict(zip(DRAWN, list(CO_OCCURRENCE)[min(int(place), len(CO_OCCURRENCE) - 1)], strict=True))


def _asked_severity(name: str, value, drawn: float) -> float:
    if isinstance(value, (bool, np.bool_, Integral)) and value in (0, 1):
        return drawn * int(value)
    if isinstance(value, Real) and not isinstance(value, Integral) and 0 <= float(value) <= 1:
        return float(value)
    raise ParameterError(f"findings[{name!r}] = {value!r}: give 0 or 1, or a severity as a float from 0.0 to 1.0")


def draw_disease(generator: np.random.Generator, findings: Mapping | None = None) -> Disease:
    """Draw disease; ``findings`` fixes states (0 / 1) or severities (floats), names left out are absent.

    All random numbers are drawn regardless of ``findings``, so one seed gives the same disease at every severity.
    Raises ParameterError for an unknown finding or a value that is neither state nor severity.
    """
    states = draw_states(generator)
    if findings is not None:
        unknown = sorted(set(findings) - set(DRAWN))
        if unknown:
            raise ParameterError(f"findings[{unknown[0]!r}]: no such finding; the phantom knows {', '.join(DRAWN)}")
        states = {name: findings.get(name, 0) for name in DRAWN}
    drawn = 0.10 + 0.90 * generator.beta(1.3, 1.35, size=4)
    severity = {name: _asked_severity(name, states[name], float(drawn[k])) for k, name in enumerate(DRAWN)}
    usual = 0.45 + 0.032 * float(np.clip(generator.standard_normal(), -2.8, 2.8))
    usual = min(usual, 2 * LARGE_HEART - usual)  # mirrored, so that values do not pile up just below the limit
    ctr = 0.502 + 0.17 * severity[ECS] ** 1.5 if severity[ECS] > 0 else usual
    pattern, lesser = generator.random(), generator.uniform(0.25, 1.0)
    shares = (1.0, 0.0) if pattern < 0.36 else (0.0, 1.0) if pattern < 0.66 else (1.0, lesser)
    shares = shares[::-1] if pattern > 0.83 else shares
    kind = ATELECTASIS_KINDS[int(np.searchsorted([0.5, 0.78], generator.random()))]
    return Disease(
        severity=severity,
        ctr=ctr,
        atelectasis_kind=kind,
        atelectasis_side=1 if generator.random() < 0.52 else -1,
        plates=generator.random((3, 4)).tolist(),
        opacity_sites=generator.random((4, 5)).tolist(),
        opacity_count=int(generator.choice([1, 2, 3, 4], p=[0.45, 0.27, 0.16, 0.12])),
        effusion_shares=shares,
        lying=bool(generator.random() < 0.45),
    )


def volume_loss(disease: Disease) -> tuple[float, float, float]:
    """Displacements by atelectasis: rise of the right and left hemidiaphragm, shift of the mediastinum (cm).

    A large one-sided effusion pushes the mediastinum away.
    """
    loss = disease.severity[AT] * {"plate": 0.8, "segment": 1.1, "lobe": 1.4}[disease.atelectasis_kind]
    rise, side = 2.6 * loss, disease.atelectasis_side
    right, left = disease.effusion_shares
    push = 1.6 * max(disease.severity[PE] - 0.55, 0) * (right - left)
    return (rise if side < 0 else 0.0, rise if side > 0 else 0.0, 1.0 * loss * side + push)


def sides(disease: Disease) -> dict[str, str]:
    """The patient's side of each finding, as a radiologist states it: "right", "left" or "both"."""
    words = {(True, True): "both", (True, False): "right", (False, True): "left"}
    right, left = disease.effusion_shares
    sites = [_site_sign(site[0]) for site in disease.opacity_sites[: disease.opacity_count]]
    return {
        AT: "left" if disease.atelectasis_side > 0 else "right",
        LO: words[-1 in sites, 1 in sites],
        PE: words[right > 0, left > 0],
        ECS: "left",
    }


def places(disease: Disease) -> dict[str, str]:
    """Where atelectasis and lung opacity are, as a radiologist states it: "left lower", "right upper, left mid".

    Zones are thirds of the lung's height, chosen by the middle of the drawn finding; the patient's right comes first.
    """
    low = disease.atelectasis_kind != "lobe" or not _in_upper_lobe(disease)
    sites = disease.opacity_sites[: disease.opacity_count]
    found = {(_site_sign(site[0]), min(int(3 * _site_row(site[2])), 2)) for site in sites}
    named = [f"{'right' if sign < 0 else 'left'} {('upper', 'mid', 'lower')[zone]}" for sign, zone in sorted(found)]
    return {AT: f"{sides(disease)[AT]} {'lower' if low else 'upper'}", LO: ", ".join(named)}


def _in_upper_lobe(disease: Disease) -> bool:
    return disease.plates[1][0] < 0.35


def _site_row(down: float) -> float:
    return 0.18 + 0.70 * down  # middle of a patch, from the apex, as a fraction of the lung's height


def _site_sign(side: float) -> int:
    return -1 if side < 0.55 else 1  # pneumonia is somewhat more common on the right


def effusion(chest: Chest, disease: Disease) -> tuple[np.ndarray, np.ndarray]:
    """Fluid, and the lung that it compresses, as fractions of the lung's depth, each (n, n) in 0..1.

    The fluid level rises toward the chest wall (meniscus); in a patient lying flat, most of the fluid spreads behind
    the lung as a veil. Lung beside the fluid loses air (passive atelectasis): an effect of the effusion, not fluid.
    """
    fluid, squeezed = np.zeros_like(chest.lung), np.zeros_like(chest.lung)
    amount, s, height = disease.severity[PE], chest.patient.scale, chest.patient.height
    if amount == 0:
        return fluid, squeezed
    veiled = 0.62 if disease.lying and chest.patient.view == "AP" else 0.0
    inside = np.clip(1 - np.abs(chest.x) / np.maximum(chest.lateral, 1), 0, 1)  # 0 at the wall, 1 at the midline
    for share, mine in zip(disease.effusion_shares, (chest.x <= 0, chest.x > 0), strict=True):
        if share == 0:
            continue
        level = (amount * share) ** 0.9
        standing = level * (1 - veiled)
        rise = (-0.8 + 0.46 * height * standing) * s
        climb = (2.6 + 5.2 * standing) * np.exp(inside * (-1 / 0.26)) + 2.2 * standing * np.clip(inside - 0.55, 0, 1)
        depth = chest.y - (1.19 * height - rise - climb)  # cm below the fluid's upper edge
        here = np.clip(depth * (1 / (0.8 + 1.8 * standing)) + 0.35, 0, 1)
        here = here * here * (3 - 2 * here) * 0.97
        veil = veiled * level * (0.38 + 0.42 * np.clip(chest.y / height, 0, 1))
        fluid = np.where(mine, np.maximum(here, veil) if veiled else here, fluid)
        near = np.exp(np.minimum(depth + 1.0, 0) * np.float32(1 / (1.5 + 2.0 * level)))
        squeezed = np.where(mine, 0.34 * level * near, squeezed)
    return fluid.astype(np.float32), squeezed.astype(np.float32)


def lung_opacity(chest: Chest, disease: Disease, grid: Grid, generator: np.random.Generator) -> np.ndarray:
    """Air-space opacity as a fraction of the lung's depth, (n, n) in 0..1: fluffy patches with ill-defined margins."""
    amount = disease.severity[LO]
    if amount == 0:
        return np.zeros_like(chest.lung)
    cloud = texture_pair(generator, grid.n, coarsest=6, slope=-3.8)[0]
    field = np.zeros_like(chest.lung)
    for side, across, down, size, strength in disease.opacity_sites[: disease.opacity_count]:
        sign = _site_sign(side)
        row = _site_row(down) * chest.patient.height
        reach = (0.64 + 0.24 * down) * chest.patient.width
        column = sign * (0.30 * chest.patient.width + across * (reach - 0.30 * chest.patient.width))
        radius = (2.0 + 0.9 * size + 3.5 * amount) * chest.patient.scale
        near = ((chest.x - column) / radius) ** 2 + ((chest.y - row) / (radius * (0.8 + 0.5 * strength))) ** 2
        field = np.maximum(field, np.exp(-0.7 * near) * (0.75 + 0.25 * strength))
    patch = np.clip(field * 1.5 + 0.20 * cloud * (field > 0.03) - 0.38, 0, 1)
    patch = patch * np.clip(0.86 + 0.16 * cloud, 0.3, 1.1)
    return np.clip(patch * (0.24 + 0.56 * amount), 0, 0.95)


def atelectasis(chest: Chest, disease: Disease) -> np.ndarray:
    """Airless lung as a fraction of the lung's depth, (n, n) in 0..1: plates, or a wedge at heart and diaphragm."""
    amount = disease.severity[AT]
    if amount == 0:
        return np.zeros_like(chest.lung)
    if disease.atelectasis_kind == "plate":
        return _plates(chest, disease, amount)
    return _wedge(chest, disease, amount)


def _plates(chest: Chest, disease: Disease, amount: float) -> np.ndarray:
    fill, side = np.zeros_like(chest.lung), disease.atelectasis_side
    count = 1 + (amount > 0.3) + (amount > 0.6)
    for height, slope, thickness, length in disease.plates[:count]:
        row = chest.patient.height * (0.66 + 0.24 * height)
        column = side * chest.patient.width * (0.45 + 0.2 * length)
        angle = side * (0.55 * slope - 0.12)
        cosine, sine = math.cos(angle), math.sin(angle)
        along = (chest.x - column) * cosine + (chest.y - row) * sine
        across = (chest.y - row) * cosine - (chest.x - column) * sine - 0.018 * along**2
        half = (0.22 + 0.14 * thickness + 0.26 * amount) * chest.patient.scale
        reach = (2.4 + 2.2 * length + 1.8 * amount) * chest.patient.scale
        band = np.exp(-np.abs(across / half) * np.square(across / half)) * np.clip(
            1.6 - 1.6 * np.abs(along) / reach, 0, 1
        )
        fill = np.maximum(fill, band * (0.32 + 0.36 * amount))
    return np.where(chest.x * side > 0, fill, 0).astype(np.float32)


def _wedge(chest: Chest, disease: Disease, amount: float) -> np.ndarray:
    """Collapsed segment or lobe: airless lung against the mediastinum, with one sharp border, a fissure."""
    side, height, width = disease.atelectasis_side, chest.patient.height, chest.patient.width
    tilt, spread, _, _ = disease.plates[0]
    extent = {"segment": 0.8, "lobe": 1.25}[disease.atelectasis_kind]
    beyond = chest.x * side - (chest.left if side > 0 else -chest.right)  # cm outward from the mediastinal border
    if disease.atelectasis_kind == "lobe" and _in_upper_lobe(disease):
        fissure = height * (0.36 - 0.10 * amount) - (0.35 + 0.5 * tilt + 0.4 * amount) * np.clip(beyond, 0, None)
        shape = np.clip((fissure - chest.y) / 0.9 + 0.5, 0, 1)
    else:
        base = height * 1.08
        top = base - height * extent * (0.32 + 0.22 * amount)
        reach = width * (0.07 + 0.10 * spread + 0.24 * amount * extent)
        edge = reach * np.clip((chest.y - top) / (base - top), 0, 1) ** (0.75 + 0.5 * tilt)
        shape = np.clip((edge - beyond) / 1.0 + 0.5, 0, 1) * np.clip((chest.y - top) / 3.0, 0, 1)
    return np.where(chest.x * side > 0, shape * (0.40 + 0.42 * amount), 0).astype(np.float32)
