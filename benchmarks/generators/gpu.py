"""Training with the study's params file for a GPU: ``python benchmarks/generators/gpu.py --seconds 600 --nih FOLDER``.

Trains both generators as notebooks 02 and 03 do under ``notebooks/params/gpu-256.yaml``, each for ``--seconds`` from
random weights, on phantoms and on the labelled X-rays of a folder (NIH ChestX-ray14). For each it records training
images/s, the peak memory of tensors, the floating point operations of a training step as PyTorch counts them (without
the lazy penalty), and their share of what a large bfloat16 matrix product reaches in the same minute; then it draws
images under the conditions of training images, without guidance or truncation.

Models that were already trained are not trained again. Distances are measured last, in the features of a classifier
trained on other phantoms at 128 pixels; with ``--train-only`` they are left for a later call, which needs no GPU.
Numbers go to ``--results``, the first images of models trained on phantoms to gpu-samples.png beside them; weights,
curves, samples and sheets of images go to ``--out``.
"""

import argparse
import json
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from judge import JUDGED, distances, judge, phantoms
from shown import samples_figure
from torch.utils.benchmark import Timer
from torch.utils.flop_counter import FlopCounterMode

from helpers.checks import chosen
from helpers.cohort.build import build
from helpers.cohort.settings import Settings
from helpers.figures.style import use_style
from helpers.files import write_png, write_text
from helpers.findings import ORIGINAL
from helpers.generators.budget import Budget
from helpers.generators.gan_trainer import PENALTY_EVERY, GanSettings, GanTrainer
from helpers.generators.precision import Precision, choose
from helpers.generators.snapshots import SnapshotSettings, SnapshotTaker
from helpers.generators.stylegan2 import Architecture
from helpers.generators.training_data import TrainingData
from helpers.generators.training_loop import train
from helpers.generators.words.networks import WordsShape
from helpers.generators.words.settings import WordsSettings
from helpers.generators.words.trainer import WordsTrainer
from helpers.image_metrics.features import fit_size
from helpers.parameters import read_params
from helpers.runs import NOTEBOOKS, PROJECT
from helpers.tables import write_table

HERE = Path(__file__).parent
STAGES = {"gan": "02_train_gan", "diffusion": "03_train_diffusion"}
REFERENCE_SEED, REFERENCES = 7003, 1000  # phantoms to compare with
SHEET = (4, 8)  # rows and columns of the sheet of samples
MOST = {"train": 0.98, "validate": 0.01, "test": 0.01}  # there is no study here that needs images held back


def training_data(out: Path, kind: str, size: int, **given) -> TrainingData:
    """Nearly all images of a cohort, made in ``out`` as notebook 01 makes it."""
    stage = out / kind / "01_cohort"
    if not (stage / "cohort.csv").is_file():
        build(Settings(kind, size=size, fractions=MOST, **given), stage)
    return TrainingData.from_cohort(stage / "cohort.csv", stage.parent, ORIGINAL)


def peak_rate(device: torch.device, side: int) -> float:
    """Floating point operations per second of a bfloat16 matrix product with ``side`` rows and columns."""
    a, b = (torch.randn(side, side, device=device, dtype=torch.bfloat16) for _ in range(2))
    return 2 * side**3 / Timer("a @ b", globals={"a": a, "b": b}, num_threads=torch.get_num_threads()).timeit(10).mean


def trainer_of(model: str, data: TrainingData, given: dict, precision: Precision) -> GanTrainer | WordsTrainer:
    """The trainer of a model with its notebook's parameters."""
    if model == "gan":
        shape = chosen(Architecture, given, size=data.size)
        return GanTrainer(data, shape, chosen(GanSettings, given), precision)
    shape = chosen(WordsShape, given, size=data.size)
    return WordsTrainer(data, shape, chosen(WordsSettings, given), ORIGINAL, data.size, precision)


def trained(model: str, data: TrainingData, given: dict, options: argparse.Namespace, out: Path):
    """A model's trainer after its budget."""
    trainer = trainer_of(model, data, given, choose(options.device))
    snapshots = SnapshotSettings(options.snapshot_every, options.snapshot_images)
    taker = SnapshotTaker(data, snapshots, out / "snapshots", given["seed"])
    train(trainer, Budget(seconds=options.seconds), out / "checkpoint", out / "log.csv", taker, model)
    write_table(pd.DataFrame(trainer.snapshots.rows), out / "snapshots.csv")
    return trainer


def record(model: str, data: TrainingData, given: dict, options: argparse.Namespace, out: Path) -> None:
    """Train one model, measure its training and draw its samples; ``record.json`` is written last."""
    precision = choose(options.device)
    if given["threads"]:
        torch.set_num_threads(given["threads"])
    if precision.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    trainer = trained(model, data, given, options, out)
    memory = torch.cuda.max_memory_allocated() if precision.device.type == "cuda" else None
    rate, seen, seconds = trainer.images / trainer.seconds, trainer.images, trainer.seconds
    while model == "gan" and trainer.steps % PENALTY_EVERY == 0:  # the counter cannot follow the lazy penalty
        trainer.train_step()
    with FlopCounterMode(display=False) as counter:
        trainer.train_step()
    work = counter.get_total_flops() / trainer.settings.batch
    peak = peak_rate(precision.device, options.peak_side)
    chosen = np.random.default_rng(0).integers(len(data), size=options.samples)
    start = time.perf_counter()
    draw = partial(trainer.draw, steps=options.steps) if model == "diffusion" else trainer.draw
    made = draw(data.states[chosen], 1000)
    sampled = time.perf_counter() - start
    rows, columns = SHEET
    sheet = np.concatenate([np.concatenate(list(made[i * columns : (i + 1) * columns]), 1) for i in range(rows)])
    write_png(out / "sheet.png", sheet)
    np.savez_compressed(out / "samples.npz", judged(made))
    measured = {"training_seconds": round(seconds, 1), "training_images": seen, "training_images_per_second": rate}
    measured |= {"gflop_per_image": work / 1e9, "peak_tflop_per_second": peak / 1e12}
    measured |= {"share_of_peak": work * rate / peak, "memory_gb": memory and memory / 2**30}
    measured |= {"sampled_images_per_second": len(made) / sampled}
    networks = [trainer.generator] if model == "gan" else [trainer.average[name] for name in ("unet", "text_encoder")]
    weights = sum(weight.numel() for network in networks for weight in network.parameters())
    measured |= {"parameters": weights, "said": precision.message}
    write_text(out / "record.json", json.dumps(measured | {"torch": torch.__version__}, indent=1) + "\n")


def measure(sets: dict[str, tuple[TrainingData, Path]], options: argparse.Namespace) -> pd.DataFrame:
    """A line per data set and model: what was recorded, and the distances; also those of training images."""
    classifier, size, rows = judge(options.out, JUDGED), sets["phantoms"][0].size, []
    unseen = phantoms(REFERENCE_SEED, REFERENCES, size, "Phantoms to compare with")[0]
    for name, (data, folder) in sets.items():
        own = judged(data.pixels(range(len(data)))[:, 0].numpy() / np.float32(255))
        reference = judged(unseen / np.float32(255)) if name == "phantoms" else own
        some = own[np.random.default_rng(0).permutation(len(own))[: options.samples]]
        rows.append({"data": name, "model": "training images"} | distances(classifier, some, reference))
        for model in STAGES:
            noted = json.loads((folder / model / "record.json").read_text(encoding="utf-8"))
            found = distances(classifier, samples(folder / model), reference)
            rows.append({"data": name, "model": model} | found | noted)
    return pd.DataFrame(rows)


def judged(images: np.ndarray) -> np.ndarray:
    """Images float32 (n, size, size) in 0..1 as distances are measured on them: uint8 (n, 128, 128)."""
    return np.rint(fit_size(images, JUDGED) * 255).astype(np.uint8)


def samples(folder: Path) -> np.ndarray:
    """What a trained model drew: uint8 (n, 128, 128)."""
    with np.load(folder / "samples.npz") as file:
        return file["arr_0"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--params", type=Path, default=NOTEBOOKS / "params" / "gpu-256.yaml")
    parser.add_argument("--seconds", type=float, default=600, help="training of each model")
    parser.add_argument("--phantoms", type=int, default=20000, help="training images of the first data set")
    parser.add_argument("--nih", type=Path, help="folder of NIH ChestX-ray14 images with labels, the second data set")
    parser.add_argument("--samples", type=int, default=256, help="images drawn by each model")
    parser.add_argument("--steps", type=int, default=20, help="sampling steps of the diffusion model")
    parser.add_argument("--snapshot-every", type=int, default=20000, help="training images between two snapshots")
    parser.add_argument("--snapshot-images", type=int, default=128, help="images of a snapshot")
    parser.add_argument("--peak-side", type=int, default=8192, help="rows of the matrices that the peak is taken from")
    parser.add_argument("--device", help="where to train (default: a GPU where there is one)")
    parser.add_argument("--train-only", action="store_true", help="leave the distances for a later call")
    parser.add_argument("--results", type=Path, default=HERE / "gpu.csv", metavar="FILE")
    parser.add_argument("--out", type=Path, default=PROJECT / "build" / "gpu", help="weights, curves and samples")
    options = parser.parse_args()
    given = read_params(options.params)
    out, size = options.out.resolve(), given["01_cohort"]["size"]
    sets = {"phantoms": (training_data(out, "phantom", size, images=options.phantoms), out / "phantom")}
    if options.nih:
        real = training_data(out, "nih_cxr14", size, folder=options.nih.resolve())
        sets[f"{len(real)} real images"] = (real, out / "nih_cxr14")
    for data, folder in sets.values():
        for model, stage in STAGES.items():
            if not (folder / model / "record.json").is_file():
                record(model, data, given[stage], options, folder / model)
    if not options.train_only:
        table = measure(sets, options)
        write_text(options.results, table.round(4).to_csv(index=False))
        use_style()
        figure = samples_figure({model: samples(out / "phantom" / model) for model in STAGES})
        figure.savefig(options.results.with_name("gpu-samples.png"), dpi=150, bbox_inches="tight")
        print(table.drop(columns="said").round(3).to_string(index=False))


if __name__ == "__main__":
    main()
