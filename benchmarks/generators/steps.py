"""How many sampling steps diffusion needs: ``python benchmarks/generators/steps.py``.

Draws with the pretrained weights, without guidance and from the same seeds, at each number of steps of each scheduler
that suits a network that predicts clean images. Prints the Fréchet and kernel distances from phantoms that the weights
have not seen, and images per second, also with guidance, which runs the network with and without words.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from judge import distances, judge, phantoms
from pretrained import REFERENCE_SEED, PretrainedDiffusion, as_bytes

from helpers.files import write_text
from helpers.generators.text_pipelines import set_scheduler
from helpers.runs import PROJECT

TIMED, GUIDANCE = 80, 3.0  # images drawn with guidance, for their time only
SOLVERS = ("ddim", "dpm", "unipc")


def drawn(diffusion: PretrainedDiffusion, states: np.ndarray, **settings) -> tuple[np.ndarray, float]:
    """Images float32 (n, s, s) for states int8 (n, 4), and how many were drawn per second."""
    clock = time.perf_counter()
    made = diffusion.sample(states, **settings)
    return made, len(made) / (time.perf_counter() - clock)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=400, help="images drawn at each number of steps")
    parser.add_argument("--steps", type=int, nargs="+", default=[5, 10, 15, 20])
    parser.add_argument("--full", type=int, default=100, help="steps of DDIM that the others are held to")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("steps.csv"), metavar="FILE")
    parser.add_argument("--out", type=Path, default=PROJECT / "build" / "generators", help="where the judge is kept")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    diffusion = PretrainedDiffusion()
    size = diffusion.drawn.size
    classifier = judge(options.out, size)
    reference, states = phantoms(REFERENCE_SEED, max(options.images, 1000), size, "Phantoms to compare with")
    rows = []
    for name, steps in [("ddim", options.full), *((name, count) for name in SOLVERS for count in options.steps)]:
        set_scheduler(diffusion.pipeline, name, "diffusion")
        made, speed = drawn(diffusion, states[: options.images], guidance=1, steps=steps)
        found = distances(classifier, as_bytes(made), reference)
        guided = drawn(diffusion, states[:TIMED], guidance=GUIDANCE, steps=steps)[1]
        speeds = {"images_per_second": speed, "guided_images_per_second": guided}
        rows.append({"solver": name, "steps": steps} | found | speeds)
        print(f"{name:6} {steps:4d} steps  Fréchet {found['frechet']:.3f}  {speed:.1f} images/s", flush=True)
    table = pd.DataFrame(rows)
    table["relative_to_full"] = table["frechet"] / table["frechet"].iloc[0]
    write_text(options.results, table.round(4).to_csv(index=False))
    print(table.round(3).to_string(index=False))


if __name__ == "__main__":
    main()
