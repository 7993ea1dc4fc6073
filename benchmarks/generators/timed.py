"""Trains one model for a given wall-clock time and samples it; both environments of the benchmark use this.

Needs only numpy and torch, so that it runs in either environment.
"""

import argparse
import json
import platform
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch


@dataclass
class Model:
    """``step()`` trains on one batch of ``batch`` images; ``sample(count)`` gives float (count, size, size) in 0..1."""

    step: Callable[[], None]
    sample: Callable[[int], np.ndarray]
    batch: int
    parameters: int


def run(builders: dict[str, Callable[[np.ndarray, int, int], Model]], packages: list[str]) -> None:
    """Command line of a benchmark: build the named model, train it, sample it, write samples.npy and record.json.

    A builder takes images uint8 (n, size, size), the seed and the number of sampling steps. Building, importing and
    sampling are not counted as training.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("model", choices=list(builders))
    parser.add_argument("images", type=Path, help=".npy, uint8 (n, size, size)")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--samples", type=int, default=256)
    parser.add_argument("--steps", type=int, default=20, help="of diffusion samplers")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    np.random.seed(options.seed)
    model = builders[options.model](np.load(options.images), options.seed, options.steps)
    steps, start = 0, time.perf_counter()
    while time.perf_counter() - start < options.seconds:
        model.step()
        steps += 1
    trained = time.perf_counter() - start
    start = time.perf_counter()
    made = np.asarray(model.sample(options.samples), dtype=np.float32)
    sampled = time.perf_counter() - start
    options.out.mkdir(parents=True, exist_ok=True)
    np.save(options.out / "samples.npy", np.rint(made.clip(0, 1) * 255).astype(np.uint8))
    record = {
        "model": options.model,
        "seed": options.seed,
        "seconds": round(trained, 1),
        "training_images": steps * model.batch,
        "training_images_per_second": steps * model.batch / trained,
        "sampled_images_per_second": options.samples / sampled,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "parameters": model.parameters,
        "threads": options.threads,
        "versions": {"python": platform.python_version()} | {name: version(name) for name in ("torch", *packages)},
    }
    (options.out / "record.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
