"""Who is examined and how the exposure is made: everything that varies between phantoms except disease."""

from dataclasses import dataclass

import numpy as np

# How often each device is seen, in an erect (PA) and in a bedside (AP) examination. Chosen for variety, and so that
# devices remain rare in PA images; not an estimate of any hospital's rates.
DEVICE_RATES = {
    "ecg_leads": {"PA": 0.04, "AP": 0.45},
    "central_line": {"PA": 0.04, "AP": 0.30},
    "pacemaker": {"PA": 0.04, "AP": 0.05},
    "tracheal_tube": {"PA": 0.00, "AP": 0.15},
}
AP_RATE = 0.30


@dataclass(frozen=True)
class Patient:
    """One patient and one exposure. Lengths in cm, angles in degrees."""

    sex: str
    age: int
    view: str
    scale: float  # body size, 1 for an average man
    habitus: float  # 0 slim .. 1 obese
    inspiration: float  # height of the lungs, 1 for a full breath
    rotation: float  # about the body's long axis; positive turns the heart to the image's right
    tilt: float  # lean in the image plane
    width: float  # half the inner width of the thorax
    height: float  # lung apex to the top of the right hemidiaphragm
    field: float  # side of the square image
    top: float  # image border to lung apex
    offset: float  # of the patient from the middle of the image
    exposure: float  # detector dose, 1 is usual
    marker: str  # "R", "L" or "" for none
    devices: tuple[str, ...]
    collimation: tuple[float, float, float, float]  # black border left, right, top, bottom, fractions of the side


def draw_patient(generator: np.random.Generator) -> Patient:
    """Draw a patient; the same amount of random numbers is always used, so no value depends on earlier draws."""
    uniform, normal = generator.random(24), np.clip(generator.standard_normal(16), -2.5, 2.5)
    view = "AP" if uniform[0] < AP_RATE else "PA"
    bedside = view == "AP"
    sex = "F" if uniform[1] < 0.46 else "M"
    age = int(np.clip(55 + 6 * bedside + 16 * normal[0], 18, 94))
    scale = (0.93 if sex == "F" else 1.0) * (1 + 0.035 * normal[1])
    habitus = float(np.clip(0.38 + 0.05 * bedside + 0.24 * normal[2], 0, 1))
    inspiration = float(np.clip((0.84 if bedside else 0.98) + 0.055 * normal[3], 0.68, 1.10))
    width = 13.3 * scale * (1 + 0.03 * normal[4] + 0.05 * (habitus - 0.4)) * (1.02 if bedside else 1.0)
    height = 22.5 * scale * inspiration * (1 + 0.04 * normal[5])
    field = max(2.42 * width, 1.36 * height) * (1.01 + (0.30 if bedside else 0.24) * uniform[2])
    border = np.where(uniform[8:12] < 0.18, 0.05 * uniform[12:16], -0.01)
    return Patient(
        sex=sex,
        age=age,
        view=view,
        scale=float(scale),
        habitus=habitus,
        inspiration=inspiration,
        rotation=float((5.0 if bedside else 2.2) * normal[6]),
        tilt=float((2.6 if bedside else 1.2) * normal[7]),
        width=float(width),
        height=float(height),
        field=float(field),
        top=float(field * np.clip(0.125 + 0.03 * normal[8], 0.05, 0.22)),
        offset=float(field * (0.032 if bedside else 0.017) * normal[9]),
        exposure=float(np.exp(0.35 * normal[10]) * (0.7 if bedside else 1.0)),
        marker=("R" if uniform[4] < 0.3 else "L") if uniform[3] < 0.75 else "",
        devices=tuple(name for k, name in enumerate(DEVICE_RATES) if uniform[16 + k] < DEVICE_RATES[name][view]),
        collimation=tuple(float(b) for b in border),
    )
