"""A chest phantom with known ground truth: a frontal radiograph computed from anatomy, disease and imaging physics.

``render`` lays out a chest (anatomy, bones, vessels, devices), replaces air in the lung with disease (disease) and
exposes it (imaging). Nothing in it is taken from a patient.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from helpers.cohort.phantom.anatomy import AP_MAGNIFICATION, Chest, build_chest
from helpers.cohort.phantom.bones import ribs, spine
from helpers.cohort.phantom.devices import devices, marker
from helpers.cohort.phantom.disease import (
    AT,
    DRAWN,
    ECS,
    LO,
    PE,
    Disease,
    atelectasis,
    draw_disease,
    effusion,
    lung_opacity,
    places,
    sides,
    volume_loss,
)
from helpers.cohort.phantom.fields import texture_pair
from helpers.cohort.phantom.grid import Grid, make_grid
from helpers.cohort.phantom.imaging import collimate, display, expose, line_integral
from helpers.cohort.phantom.patient import DEVICE_RATES, Patient, draw_patient
from helpers.cohort.phantom.shoulders import clavicles, shoulder_blades, upper_arms
from helpers.cohort.phantom.vessels import minor_fissure, vessels
from helpers.errors import ParameterError

OF_PATIENT = ("view", "age", "sex", "habitus", "inspiration", "rotation", "tilt", "exposure", "scale", "marker")


@dataclass(frozen=True)
class Drawn:
    """Maps of the drawing, (n, n), from which masks are made."""

    grid: Grid
    chest: Chest
    disease: Disease
    fills: dict[str, np.ndarray]
    rib: np.ndarray
    objects: np.ndarray


@dataclass(frozen=True)
class Phantom:
    """One phantom: ``image`` float32 (size, size) in 0..1, bone bright; ``facts``; ``masks`` bool (size, size)."""

    image: np.ndarray
    facts: dict
    drawn: Drawn

    @cached_property
    def masks(self) -> dict[str, np.ndarray]:
        """Masks by name: lungs, thorax, heart, ribs, devices and each finding; made on first access."""
        return _masks(self.drawn)


def render(
    seed: int,
    index: int,
    findings: Mapping | None = None,
    size: int = 64,
    equalization: float | None = None,
    visit: int = 0,
) -> Phantom:
    """Render phantom ``index`` of the series ``seed``; the same arguments always give the same bytes.

    ``findings`` None draws the findings from ``disease.CO_OCCURRENCE``. A mapping fixes them: 0 or 1 is a state
    (severity drawn), a float from 0.0 to 1.0 is a severity (0.0 absent); names left out are absent. Everything else
    about the patient stays the same, so one patient can be shown with each finding from absent to severe.
    ``visit`` counts radiographs of the same patient: only the disease is drawn anew.
    ``equalization`` (0.0 to 1.0) is how far the histogram is equalised: 1.0 looks like MIMIC-CXR-JPG; None draws
    0 to 0.3 for each phantom, as machines differ.

    The image has the patient's right on its left. ``facts`` are flat: the findings (0 / 1), ``severity_*``, ``side_*``
    ("right", "left", "both", "" if absent), ``place_*`` of atelectasis and opacity (sides and zones), ``ctr`` (as
    PA, which defines the label: present when above 0.5), ``ctr_image`` (as imaged; bedside AP magnifies the heart),
    view, age, sex, habitus and exposure values, devices, ``effusion_volume_fraction`` (of the lungs),
    ``opacity_area_fraction`` (of the thorax), ``opacity_contrast`` (mean filled fraction of the lung's depth).
    ``masks`` are lungs, thorax, heart, ribs, devices and each finding.
    Raises ParameterError for a size outside 32..1024, an equalization outside 0..1, an unknown finding, or a value
    that is neither a state nor a severity.
    """
    if equalization is not None and not 0 <= equalization <= 1:
        raise ParameterError(f"equalization = {equalization!r}: give a number from 0 to 1, or None")
    grid = make_grid(size)
    who, _, texture, noise = (np.random.default_rng([seed, index, stream]) for stream in range(4))
    ill = _illness(seed, index, visit)
    patient, disease = draw_patient(who), draw_disease(ill, findings)
    dice = who.random(64).tolist()  # plain floats keep float32 maps float32
    ctr = disease.ctr * (AP_MAGNIFICATION if patient.view == "AP" else 1.0)
    chest = build_chest(grid, patient, ctr, volume_loss(disease), dice[:24])
    fluid, squeezed = effusion(chest, disease)
    opacity = lung_opacity(chest, disease, grid, ill)
    fills = {AT: atelectasis(chest, disease), LO: opacity, PE: fluid}
    air = chest.lung * (1 - squeezed) * np.prod([1 - fill for fill in fills.values()], axis=0)
    depths, rib, objects = _depths(grid, chest, air, dice, texture)
    signal = expose(grid, line_integral(depths), patient, noise)
    image = collimate(display(signal, dice[48:56], equalization), patient, dice[48:56])
    facts = _facts(patient, disease, ctr, chest, fills)
    return Phantom(image, facts, Drawn(grid, chest, disease, fills, rib, objects))


def image_id(patient: int, visit: int = 0) -> str:
    """Name of an image of a cohort: ``phantom-000007``, and ``phantom-000007-1`` at the next visit."""
    return f"phantom-{patient:06d}" + (f"-{visit}" if visit else "")


def drawn_again(seed: int, image_id: str, size: int) -> Phantom:
    """Render the phantom of a cohort image again, from the cohort's ``seed``, at ``size`` pixels per side."""
    patient, visit = (image_id.split("-") + ["0"])[1:3]
    return render(seed, int(patient), size=size, visit=int(visit))


def _illness(seed: int, index: int, visit: int) -> np.random.Generator:
    return np.random.default_rng([seed, index, 1, visit] if visit else [seed, index, 1])


def _depths(grid: Grid, chest: Chest, aerated: np.ndarray, dice: list[float], texture: np.random.Generator):
    """Depth in cm of every material along each ray; also the maps from which masks are made."""
    parenchyma, muscle = texture_pair(texture, grid.n, coarsest=9, slope=-2.0)
    open_lung = np.clip(chest.lung / 4.0, 0, 1)
    blood = (vessels(chest, grid, texture) + minor_fissure(chest, grid, dice)) * open_lung
    frame, objects = dice[24:36], dice[36:48]
    rib = ribs(chest, frame)
    girdle = clavicles(chest, frame) + shoulder_blades(chest, grid, frame) + upper_arms(chest)
    bone = rib + girdle + spine(chest, frame)
    metal, plastic = devices(chest, grid, objects)
    lung = np.maximum(aerated - blood, 0) * (1 + 0.022 * parenchyma)
    fat = np.minimum(chest.body.fat, 0.6 * chest.depth)
    soft = np.maximum(chest.depth - lung - fat - bone - chest.air, 0) * (1 + 0.007 * muscle * np.sign(chest.depth))
    bone = np.where(chest.depth > 0, bone, 0) + plastic
    depths = {"lung": lung, "soft": soft, "fat": fat, "bone": bone, "air": chest.air}
    return depths | {"metal": metal + marker(chest, grid, objects)}, rib, metal + plastic


def _masks(drawn: Drawn) -> dict[str, np.ndarray]:
    lung, thorax, heart = drawn.chest.lung, drawn.chest.thorax, drawn.chest.heart
    masks = {"lungs": lung > 2.0, "thorax": thorax, "heart": heart}
    masks |= {"ribs": drawn.rib > 0.1, "devices": drawn.objects > 0.01}
    masks |= {name: _core(fill) & (lung > 1.5) for name, fill in drawn.fills.items()}
    masks[ECS] = heart & bool(drawn.disease.present(ECS))
    return {name: drawn.grid.shrink(mask) >= 0.5 for name, mask in masks.items()}


def _core(fill: np.ndarray) -> np.ndarray:
    """Mask of where a finding is at least a quarter as dense as at its densest point."""
    return fill > max(0.25 * float(fill.max()), 1e-3)


def said_facts(patient: Patient, disease: Disease) -> dict:
    """The facts of ``render`` that need no image; a report states no others."""
    present = {name: disease.present(name) for name in DRAWN}
    return {
        **present,
        **{f"severity_{name}": float(disease.severity[name]) for name in DRAWN},
        **{f"side_{name}": side if present[name] else "" for name, side in sides(disease).items()},
        **{f"place_{name}": place if present[name] else "" for name, place in places(disease).items()},
        "atelectasis_kind": disease.atelectasis_kind if present[AT] else "",
        "ctr": float(disease.ctr),
        **{name: getattr(patient, name) for name in OF_PATIENT},
        **{f"device_{name}": int(name in patient.devices) for name in DEVICE_RATES},
    }


def _facts(patient: Patient, disease: Disease, ctr: float, chest: Chest, fills: dict) -> dict:
    air, area = float(chest.lung.sum()), float(max(chest.thorax.sum(), 1))
    patch = _core(fills[LO])
    return said_facts(patient, disease) | {
        "ctr_image": float(ctr),
        "effusion_volume_fraction": float((fills[PE] * chest.lung).sum() / air),
        "opacity_area_fraction": float((patch & chest.thorax).sum() / area),
        "opacity_contrast": float(fills[LO][patch].mean()) if patch.any() else 0.0,
    }
