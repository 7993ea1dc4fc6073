"""Several readers, several cases: areas under the ROC curve, operating points, detection of synthetic images.

No package on PyPI analyses areas of several readers who see the same cases. DeLong's test, which several offer, takes
one reader; averaging its results, or pooling the ratings, counts dependent readings as independent. The methods here
are those of OR-DBM MRMC, iMRMC and R's MRMCaov, and agree with what is published for Van Dyke's data.

``panel`` holds the ratings, ``structural`` says how much each case moves an area, ``covariance`` how areas vary
together. ``areas`` gives both conclusions for any design, ``obuchowski_rockette`` the published analysis of variance,
``gallas`` the one-shot variance, ``operating_points`` sensitivity and specificity, and ``detection`` d'.
"""

from helpers.stats.mrmc.areas import all_auc_differences, auc, auc_difference
from helpers.stats.mrmc.operating_points import likelihood_ratios, roc_points, sensitivity_specificity
from helpers.stats.mrmc.structural import area

__all__ = [
    "all_auc_differences",
    "area",
    "auc",
    "auc_difference",
    "likelihood_ratios",
    "roc_points",
    "sensitivity_specificity",
]
