"""Number format and memory layout for training: the fastest on this machine, with a message that says so."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import torch

from helpers.errors import ParameterError

CHOICES = ("auto", "float32", "bfloat16")


@dataclass(frozen=True)
class Precision:
    """Where and how networks compute: device, autocast dtype, memory layout, and a message that describes them."""

    device: torch.device
    dtype: torch.dtype
    channels_last: bool
    message: str

    def autocast(self) -> AbstractContextManager:
        """Context in which forward passes run in ``dtype``; does nothing for float32."""
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.dtype == torch.bfloat16)

    @property
    def memory_format(self) -> torch.memory_format:
        """Layout for the networks and their images."""
        return torch.channels_last if self.channels_last else torch.contiguous_format

    @property
    def unet_format(self) -> torch.memory_format:
        """Layout for a diffusers UNet: on a GPU its group norms would copy data out of channels_last and back."""
        return torch.contiguous_format if self.device.type == "cuda" else self.memory_format


def cpu_flags(cpuinfo: str | Path = "/proc/cpuinfo") -> frozenset[str]:
    """Instruction sets of this machine's CPU; empty if the system does not list them."""
    path = Path(cpuinfo)
    if not path.is_file():
        return frozenset()
    lines = [line for line in path.read_text().splitlines() if line.startswith(("flags", "Features"))]
    return frozenset(lines[0].split(":", 1)[1].split()) if lines else frozenset()


def choose(device: str | torch.device | None = None, wanted: str = "auto") -> Precision:
    """Choose the precision for this machine; ``wanted`` is auto, float32 or bfloat16.

    On a CPU, bfloat16 and channels_last are used together or not at all: either one alone is slower than plain
    float32. ``auto`` takes bfloat16 if the hardware supports it (CPU flags amx_bf16 or avx512_bf16, or a GPU with
    bfloat16). Raises ParameterError for any other ``wanted``.
    """
    if wanted not in CHOICES:
        raise ParameterError(f"precision = {wanted!r}: must be one of {', '.join(CHOICES)}")
    device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    if device.type == "cpu":
        able = sorted(cpu_flags() & {"amx_bf16", "avx512_bf16"})
        reason = f"this CPU supports it ({', '.join(able)})" if able else "no bfloat16 in this CPU's flags"
        name = "the CPU"
    else:
        able = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
        reason = "this GPU supports it" if able else "no bfloat16 in this GPU"
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    half = wanted == "bfloat16" or (wanted == "auto" and bool(able))
    if wanted != "auto":
        message = f"Training on {name} in {wanted}, as asked for."
    elif half:
        message = f"Training on {name} in bfloat16: {reason}."
    else:
        message = f"Training on {name} in float32: {reason}. The same images will take longer, about 2 to 4 times."
    return Precision(device, torch.bfloat16 if half else torch.float32, half, message)
