import threading

import pytest
import torch

from helpers.generators.drawing_threads import drawing_threads


def test_each_thread_computes_on_one_core_and_the_caller_as_before():
    before = torch.get_num_threads()
    with drawing_threads(2) as pool:
        assert list(pool.map(lambda _: torch.get_num_threads(), range(4))) == [1] * 4
    assert torch.get_num_threads() == before


def test_there_is_always_a_thread():
    with drawing_threads(0) as pool:
        assert pool.submit(lambda: 7).result() == 7


def test_after_an_error_nothing_more_is_begun():
    begun, may_end = [], threading.Event()

    def work(number):
        begun.append(number)
        may_end.wait(10)

    with pytest.raises(ValueError, match="stop"), drawing_threads(1) as pool:
        last = [pool.submit(work, number) for number in range(50)][-1]
        last.add_done_callback(lambda _: may_end.set())  # also when it is cancelled
        raise ValueError("stop")
    assert len(begun) <= 2
