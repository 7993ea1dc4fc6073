"""Threads that draw images at the same time, each on one core: faster than one thread on all of them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch

from helpers.image_metrics.features import one_thread


@contextmanager
def drawing_threads(workers: int) -> Iterator[ThreadPoolExecutor]:
    """A pool of ``workers`` threads (at least 1; on a GPU always 1); what has not begun at the end is cancelled.

    How many there are does not change the images.
    """
    count = 1 if torch.cuda.is_available() else max(workers, 1)
    with one_thread(), ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)
