"""Multi-reader multi-case analysis: areas under the ROC curve, operating points, detection of synthetic images.

No package on PyPI analyses areas of several readers who see the same cases. DeLong's test, which several offer, handles
one reader; averaging its results, or pooling the ratings, counts dependent readings as independent. The methods here
are those of OR-DBM MRMC, iMRMC and R's MRMCaov, and agree with the published results for Van Dyke's data.

``panel`` holds the ratings, ``structural`` gives the influence of each case on an area, ``covariance`` the covariances
of areas, ``estimates`` values and covariances of any figure of merit. ``obuchowski_rockette`` is the published analysis
of variance (from ``mean_squares``), ``areas`` a variant for any design (from ``area_variance``), ``gallas`` the
one-shot variance, and ``comparison`` shows their differences side by side. ``algorithm`` compares readers with a
program. ``operating_points`` and ``calls`` cover sensitivity and specificity, ``roc`` curves, ``detection`` d'.
``localisation`` analyses marks by ``figures_of_merit``, and ``reading_marks`` makes them from readings. ``sample_size``
plans the next study from a ``pilot``.
"""

from helpers.stats.mrmc.algorithm import readers_minus_algorithm
from helpers.stats.mrmc.areas import all_auc_differences, auc, auc_difference
from helpers.stats.mrmc.calls import all_call_differences, call_differences
from helpers.stats.mrmc.comparison import comparisons, headline, headline_alone
from helpers.stats.mrmc.operating_points import likelihood_ratios, sensitivity_specificity
from helpers.stats.mrmc.roc import reader_calls, roc_points
from helpers.stats.mrmc.structural import area

__all__ = [
    "all_auc_differences",
    "all_call_differences",
    "area",
    "auc",
    "auc_difference",
    "call_differences",
    "comparisons",
    "headline",
    "headline_alone",
    "likelihood_ratios",
    "reader_calls",
    "readers_minus_algorithm",
    "roc_points",
    "sensitivity_specificity",
]
