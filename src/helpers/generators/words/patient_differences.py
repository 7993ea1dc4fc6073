"""Images of one patient, which share body and noise: how they differ is what words can describe."""

from torch import Tensor

from helpers.generators.processes import Processes


def first_of_patient(patients: Tensor) -> Tensor:
    """For each image of a batch, the first one of the same patient: int64 (batch,)."""
    return (patients[:, None] == patients).int().argmax(dim=1)


def weighted_square(errors: Tensor, of: Tensor, weights: Tensor, processes: Processes | None = None) -> Tensor:
    """Squares of errors (n, ...), of which the part in how images of one patient differ is weighted.

    ``errors`` and ``weights`` (n,) are those of this process's images, ``of`` (batch,) comes from ``first_of_patient``
    for all images. The sum over a patient's images is that of w (e - m)^2 + m^2, with errors e, their mean m and weight
    w. Gradients pass only through the errors, since the mean includes the images of other processes. A weight other
    than 1 suits images that are nearly pure noise; others show what their patient looks like, and errors of two images
    that depend on each other would be balanced against each other.
    """
    processes, of, fixed = processes or Processes(), of.to(errors.device), errors.detach()
    (own,) = processes.share(of)
    sums = processes.mean(fixed.new_zeros(len(of), *fixed.shape[1:]).index_add(0, own, fixed)) * processes.count
    counts, weights = (each.view(-1, *[1] * (errors.dim() - 1)) for each in (of.bincount(minlength=len(of)), weights))
    mean = sums[own] / counts[own]
    return weights * errors.square() + (1 - weights) * mean * (2 * errors - mean)
