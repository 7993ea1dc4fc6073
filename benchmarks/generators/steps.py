"""How many sampling steps diffusion needs: ``python benchmarks/generators/steps.py``.

Draws with the pretrained weights, without guidance, from the same seeds at each number of steps of each solver, and
prints the Fréchet and kernel distance from phantoms that the weights have not seen, and images per second. Heun's
method asks the network about twice as often per step as the others.
"""

import argparse
import time
from pathlib import Path

import pandas as pd
import torch
from judge import distances, judge, phantoms
from pretrained import FOLDER, REFERENCE_SEED, as_bytes, pretrained_diffusion

from helpers.files import write_text
from helpers.generators.diffusion import SCHEDULERS
from helpers.generators.pretrained import Pretrained
from helpers.runs import PROJECT


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=400, help="images drawn at each number of steps")
    parser.add_argument("--steps", type=int, nargs="+", default=[5, 10, 20, 50])
    parser.add_argument("--full", type=int, default=100, help="steps of Euler's method that the others are held to")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("steps.csv"), metavar="FILE")
    parser.add_argument("--out", type=Path, default=PROJECT / "build" / "generators", help="where the judge is kept")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    size = Pretrained.read(FOLDER / "diffusion.safetensors").shape["size"]
    classifier = judge(options.out, size)
    reference, states = phantoms(REFERENCE_SEED, max(options.images, 1000), size, "Phantoms to compare with")
    pipeline = pretrained_diffusion(reference, states)
    rows = []
    for name, steps in [("euler", options.full), *((name, count) for name in SCHEDULERS for count in options.steps)]:
        clock = time.perf_counter()
        settings = {"guidance": 1, "steps": steps, "scheduler": name}
        made = pipeline.sample(states[: options.images], range(options.images), **settings)
        speed = options.images / (time.perf_counter() - clock)
        found = distances(classifier, as_bytes(made), reference)
        rows.append({"solver": name, "steps": steps} | found | {"images_per_second": speed})
        print(f"{name:6} {steps:4d} steps  Fréchet {found['frechet']:.3f}  {speed:.1f} images/s", flush=True)
    table = pd.DataFrame(rows)
    table["relative_to_full"] = table["frechet"] / table["frechet"].iloc[0]
    write_text(options.results, table.round(4).to_csv(index=False))
    print(table.round(3).to_string(index=False))


if __name__ == "__main__":
    main()
