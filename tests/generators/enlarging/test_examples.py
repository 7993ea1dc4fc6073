import numpy as np
import pandas as pd

from helpers.files import write_png
from helpers.generators.enlarging import enlarger as enlargers
from helpers.generators.enlarging.examples import examples
from helpers.runs import Run


def test_images_of_the_test_split_are_shown_small_enlarged_and_whole(enlarger, workspace):
    run = Run("tiny")
    enlargers.save(run.stage_folder("02_train_enlarger"), enlarger, {})
    rows = []
    for number, split in enumerate(["train", "test", "test", "test"]):
        write_png(run.folder / f"{number}.png", np.random.default_rng(number).random((32, 32)).astype(np.float32))
        rows.append({"path": f"{number}.png", "split": split})
    shown = examples(pd.DataFrame(rows), run, run.stage_folder("02_train_enlarger"), count=2)
    assert list(shown) == ["bicubic", "enlarged", "original"]
    assert all(images.shape == (2, 32, 32) and 0 <= images.min() <= images.max() <= 1 for images in shown.values())
    first = np.random.default_rng(1).random((32, 32))
    assert np.abs(shown["original"][0] - first).max() < 1 / 255
