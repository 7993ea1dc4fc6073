"""Several readers, several cases: areas under the ROC curve, operating points, detection of synthetic images."""

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
