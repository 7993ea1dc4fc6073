"""Do the generators of a run show what they are asked for? ``python scripts/condition_of_samples.py [--run RUN]``.

Draws images of every study cell from the run's trained models, at the size that they draw, with seeds that the study
does not use, and measures

condition   area under the ROC curve of the requested label by a classifier trained on phantoms of another seed, beside
            the same on phantoms that neither it nor the generator has seen, which is the ceiling
proportion  cardiothoracic ratio by a network that outlines organs, enlarged cardiac silhouette present against absent
copies      images that are nearer, pixel by pixel, to a training image than to any held-out image of the run

Prints the measures and writes measures.csv and a grid of images for each source, by default to
``build/condition-of-samples``. For runs on phantoms. About six minutes on two cores; the same arguments give the same
numbers.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from phantom_against_real import line, of_area, phantoms, summary
from phantom_segmentation import SIDE, augment, proportions

from helpers import tables
from helpers.figures.generators import sample_grid
from helpers.figures.style import use_style
from helpers.files import write_text
from helpers.findings import ORIGINAL, Cell
from helpers.generators.cell_images import image_seed
from helpers.generators.sources import complete_specs, load, options_of
from helpers.image_metrics.condition import auroc
from helpers.image_metrics.features import ClassifierShape, FindingClassifier, fit_size
from helpers.image_metrics.images import held_out, in_range, probabilities_of, read_images
from helpers.image_metrics.memorization import held_out_rows, nearer_test, screen, suspects_test
from helpers.image_metrics.pixel_search import search_in
from helpers.image_metrics.segmentation import outlines, train_outlines
from helpers.image_metrics.training import ClassifierTraining, train_classifier
from helpers.progress import Progress
from helpers.provenance import drawn_size_of, read_manifest
from helpers.runs import PROJECT, Run

NAMES, CELLS = ORIGINAL.names, ORIGINAL.cells
condition = ORIGINAL.condition
COHORT = tables.cohort_schema(ORIGINAL)

ENLARGED = Cell("enlarged_cardiac_silhouette", 1), Cell("enlarged_cardiac_silhouette", 0)
JUDGES_SEED, UNSEEN_SEED = 7001, 7002  # series of phantoms that no params file uses
OPTIONS = ("guidance", "steps", "truncation", "emphasis")
MADE_ELSEWHERE = "external"  # the kind of source that draws nothing
SHOWN = 5


def draw(run: Run, per_cell: int, seed: int, size: int, changes: dict) -> dict[str, dict[Cell, np.ndarray]]:
    """Images uint8 (n, size, size) by source and cell, with the options of the run's notebook 04 unless changed."""
    asked = read_manifest(run, "04_sample")["parameters"]
    options = {name: asked[name] for name in OPTIONS} | changes
    given = [spec for spec in asked["sources"] if spec["kind"] != MADE_ELSEWHERE]
    specs = complete_specs(given, run, **options, size=size)
    drawn: dict[str, dict[Cell, np.ndarray]] = {}
    with Progress("Sampling", len(specs) * len(CELLS) * per_cell) as progress:
        for spec in specs:
            generator, chosen = load(spec, ORIGINAL), options_of(spec)
            for cell in CELLS:
                seeds = [image_seed(seed, f"check {spec['source']}", cell, index) for index in range(per_cell)]
                made = generator.sample(condition(cell), seeds, **chosen)
                drawn.setdefault(spec["source"], {})[cell] = np.rint(made * 255).astype(np.uint8)
                progress.update(per_cell, note=spec["source"])
    return drawn


def condition_rows(judge: FindingClassifier, unseen: tuple, drawn: dict) -> list[dict]:
    """AUROC of the requested label by finding, for unseen phantoms (by their truth) and for each source."""
    images, truth = unseen
    scores = probabilities_of(judge, images)
    rows = []
    for k, name in enumerate(NAMES):
        area = auroc(truth[name], scores[:, k])
        rows.append(of_area("condition", f"AUROC, {name}", "phantoms", area))
        for source, cells in drawn.items():
            present, absent = (probabilities_of(judge, cells[Cell(name, state)])[:, k] for state in (1, 0))
            asked = np.repeat([1, 0], [len(present), len(absent)])
            area = auroc(asked, np.concatenate([present, absent]))
            rows.append(of_area("condition", f"AUROC, {name}", source, area))
    return rows


def larger(images: np.ndarray) -> np.ndarray:
    """uint8 images (n, s, s) at the side length that the outlining network takes."""
    return np.rint(fit_size(in_range(images), SIDE) * 255).astype(np.uint8)


def proportion_rows(network, drawn: dict) -> list[dict]:
    """Cardiothoracic ratio of images requested with and without an enlarged heart, and how well it separates them."""
    rows = []
    for source, cells in drawn.items():
        ratios = []
        for cell, word in zip(ENLARGED, ("present", "absent"), strict=True):
            values = np.array([proportions(mask)[0] for mask in outlines(network, larger(cells[cell]))])
            rows.append(summary("proportion", "cardiothoracic ratio", f"{source}, ECS {word}", values))
            ratios.append(values[np.isfinite(values)])
        asked = np.repeat([1, 0], [len(values) for values in ratios])
        area = auroc(asked, np.concatenate(ratios))
        rows.append(of_area("proportion", "AUROC of the ratio for ECS", source, area))
    return rows


def copy_rows(run: Run, size: int, drawn: dict, seed: int) -> list[dict]:
    """Are images nearer, pixel by pixel, to the run's training images than to its held-out ones?

    Phantoms drawn at the size of the generators do not serve: those of the run are drawn larger and reduced, and that
    alone brings the generators' images nearer to them.
    """
    cohort = tables.read_table(run.stage_folder("01_cohort") / "cohort.csv", COHORT)
    whole = held_out(cohort)
    parts = cohort[cohort["split"] == "train"], whole.iloc[held_out_rows(whole["patient_id"].to_numpy(), seed)]
    training, unseen = (read_images(part["path"], run.folder, size, "Images of the run") for part in parts)
    patients = tuple(part["patient_id"].to_numpy() for part in parts)
    search, rows = search_in(training), []
    known = screen(unseen, search, unseen, patients[1])
    for source, cells in drawn.items():
        images = screen(np.concatenate(list(cells.values())), search, unseen)
        share, expected, p = nearer_test(images, *patients, seed)
        note = f"expected {expected:.3f} if nothing is copied; permutation p = {p:.3f}"
        rows.append(line("copies", "nearest is a training image", source, share, n=len(images.training), note=note))
        count, p = suspects_test(images, known)
        note = (
            f"least ratio {images.ratio().min():.3f}, of held-out images {known.ratio().min():.3f}; exact p = {p:.2g}"
        )
        rows.append(line("copies", "suspects", source, count, n=len(images.training), note=note))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", default="quick", help="a run on phantoms whose notebooks 01 to 04 are done")
    parser.add_argument("--per-cell", type=int, default=100, help="images of each source and cell")
    parser.add_argument("--phantoms", type=int, default=5000, help="phantoms that the classifier learns from")
    parser.add_argument("--epochs", type=int, default=20, help="passes of the classifier over them")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--guidance", type=float, help="of the diffusion model, in place of the run's")
    parser.add_argument("--truncation", type=float, help="of the GAN, in place of the run's")
    parser.add_argument("--emphasis", type=float, help="of the GAN, in place of the run's")
    parser.add_argument("--out", type=Path, default=PROJECT / "build" / "condition-of-samples", metavar="FOLDER")
    options = parser.parse_args()
    run = Run(options.run)
    changes = {name: getattr(options, name) for name in ("guidance", "truncation", "emphasis")}
    changes = {name: value for name, value in changes.items() if value is not None}
    size = drawn_size_of(run) or read_manifest(run, "01_cohort")["parameters"]["size"]
    drawn = draw(run, options.per_cell, options.seed, size, changes)

    images, masks, truth = phantoms(JUDGES_SEED, options.phantoms, size, "Phantoms for the judges")
    unseen, _, known = phantoms(UNSEEN_SEED, max(options.phantoms // 5, 100), size, "Unseen phantoms")
    settings, states = ClassifierTraining(epochs=options.epochs), truth[list(NAMES)].to_numpy(np.int8)
    judge, _ = train_classifier(images, states, np.arange(len(images)), ClassifierShape(size), settings, options.seed)
    scale = SIDE // size
    outlined = masks[::4].repeat(scale, axis=2).repeat(scale, axis=3)
    network = train_outlines(larger(images[::4]), outlined, 6, options.seed, augment)

    rows = condition_rows(judge, (unseen, known), drawn)
    rows += proportion_rows(network, drawn) + copy_rows(run, size, drawn, options.seed)
    measures = pd.DataFrame(rows)
    options.out.mkdir(parents=True, exist_ok=True)
    write_text(options.out / "measures.csv", measures.to_csv(index=False))
    use_style()
    for source, cells in drawn.items():
        grid = sample_grid({cell: in_range(images[:SHOWN]) for cell, images in cells.items()}, f"{source}; phantoms")
        grid.savefig(options.out / f"{source}.png", dpi=150, bbox_inches="tight")
    print(measures.drop(columns="part").round(3).to_string(index=False))
    print(f"Measures and grids: {options.out}")


if __name__ == "__main__":
    main()
