import pytest
import torch

from helpers.errors import ParameterError
from helpers.generators import precision


def with_flags(monkeypatch, *flags):
    monkeypatch.setattr(precision, "cpu_flags", lambda: frozenset(flags))


@pytest.mark.parametrize("flag", ["amx_bf16", "avx512_bf16"])
def test_cpu_that_multiplies_bfloat16_uses_it_with_channels_last(monkeypatch, flag):
    with_flags(monkeypatch, "sse2", flag)
    chosen = precision.choose("cpu")
    assert (chosen.dtype, chosen.channels_last) == (torch.bfloat16, True)
    assert flag in chosen.message


def test_older_cpu_uses_float32_and_is_told_that_it_takes_longer(monkeypatch):
    with_flags(monkeypatch, "sse2", "avx2")
    chosen = precision.choose("cpu")
    assert (chosen.dtype, chosen.channels_last) == (torch.float32, False)
    assert "same images will take longer" in chosen.message


def test_what_is_asked_for_is_done_whatever_the_flags(monkeypatch):
    with_flags(monkeypatch)
    assert precision.choose("cpu", "bfloat16").dtype == torch.bfloat16
    with_flags(monkeypatch, "amx_bf16")
    assert precision.choose("cpu", "float32").memory_format == torch.contiguous_format


def test_autocast_computes_in_the_chosen_format():
    layer, x = torch.nn.Linear(2, 2), torch.ones(1, 2)
    with precision.choose("cpu", "bfloat16").autocast():
        assert layer(x).dtype == torch.bfloat16
    with precision.choose("cpu", "float32").autocast():
        assert layer(x).dtype == torch.float32


def test_unknown_format_is_refused():
    with pytest.raises(ParameterError, match="precision = 'float8'"):
        precision.choose("cpu", "float8")


def test_flags_are_read_from_the_first_processor(tmp_path):
    path = tmp_path / "cpuinfo"
    path.write_text("processor\t: 0\nflags\t\t: fpu avx512_bf16\n\nprocessor\t: 1\nflags\t\t: fpu\n")
    assert precision.cpu_flags(path) == {"fpu", "avx512_bf16"}
    assert precision.cpu_flags(tmp_path / "missing") == frozenset()
