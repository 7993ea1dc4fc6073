"""Expected precision, recall, density and coverage, from the package prdc in an environment of its own.

``pip install prdc scikit-learn && python tests/reference/coverage_prdc.py > tests/reference/coverage_prdc.csv``
"""

import contextlib
import sys
from importlib.metadata import version

import numpy as np
from prdc import compute_prdc

print("seed,real,synthetic,dimension,shift,k,precision,recall,density,coverage,made_with")
for seed, (n, m, d, shift, k) in enumerate([(60, 50, 4, 0.3, 5), (200, 150, 16, 0.5, 5), (80, 120, 2, 1.0, 3)]):
    rng = np.random.default_rng(seed)
    real, synthetic = rng.normal(size=(n, d)), rng.normal(shift, 1, size=(m, d))
    with contextlib.redirect_stdout(sys.stderr):  # the package prints how many images it was given
        found = compute_prdc(real_features=real, fake_features=synthetic, nearest_k=k)
    numbers = [f"{found[name]:.12g}" for name in ("precision", "recall", "density", "coverage")]
    print(",".join(map(str, [seed, n, m, d, shift, k, *numbers, f"prdc {version('prdc')}"])))
