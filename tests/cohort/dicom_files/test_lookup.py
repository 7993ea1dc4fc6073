import numpy as np
import pytest
from made_up_dicom import lookup_item

from helpers.cohort.dicom_files.lookup import read_table
from helpers.errors import ImageError

RISING = np.arange(256, dtype=np.uint16)


@pytest.mark.parametrize(
    ("vr", "data"),
    [
        ("OW", RISING.astype("<u2").tobytes()),  # a word for each entry
        ("OW", RISING.astype("u1").tobytes()),  # two entries in each word, the first in its lower byte
        ("US", RISING.tolist()),
        ("US", RISING.astype("u1").view("<u2").tolist()),
        ("OB", RISING.astype("u1").tobytes()),
    ],
)
def test_entries_of_8_bits_lie_in_words_or_in_bytes(vr, data):
    table = read_table(lookup_item((256, 0, 8), data, vr), little_endian=True, signed=False)
    assert table.entries.tolist() == RISING.tolist()
    assert table.white == 255
    assert not table.told_wrong


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_entries_of_any_width_are_words(bits):
    entries = np.linspace(0, 2**bits - 1, 300).astype("<u2")
    table = read_table(lookup_item((300, 0, bits), entries.tobytes()), little_endian=True, signed=False)
    assert table.entries.tolist() == entries.tolist()
    assert table.white == 2**bits - 1


def test_words_of_a_big_endian_file_are_swapped_bytes_within_them_too():
    words = lookup_item((3, 0, 12), np.array([1, 256, 4095], ">u2").tobytes())
    assert read_table(words, little_endian=False, signed=False).entries.tolist() == [1, 256, 4095]
    packed = lookup_item((4, 0, 8), np.array([0x0201, 0x0403], ">u2").tobytes())
    assert read_table(packed, little_endian=False, signed=False).entries.tolist() == [1, 2, 3, 4]


def test_values_beside_the_table_get_its_ends():
    table = read_table(lookup_item((3, 10, 16), [7, 8, 60000], "US"), little_endian=True, signed=False)
    assert table(np.array([[0, 10, 11], [12, 13, 99]])).tolist() == [[7, 7, 8], [60000, 60000, 60000]]


def test_a_first_value_below_0_is_known_by_the_sign_of_the_inputs():
    item = lookup_item((3, 65536 - 1000, 16), [5, 6, 7], "US")
    assert read_table(item, little_endian=True, signed=True).first == -1000
    assert read_table(item, little_endian=True, signed=False).first == 64536
    item = lookup_item((3, -1000, 16), [5, 6, 7], "US", first_vr="SS")
    assert read_table(item, little_endian=True, signed=False).first == -1000


def test_0_entries_stand_for_65536():
    table = read_table(lookup_item((0, 0, 16), np.arange(65536, dtype="<u2").tobytes()), True, False)
    assert len(table.entries) == 65536
    assert table(np.array([65535])) == 65535


@pytest.mark.parametrize(
    ("bits", "largest", "white"), [(16, 4095, 4095), (8, 4000, 4095), (12, 2048, 4095), (16, 40000, 65535)]
)
def test_white_is_that_of_the_bits_in_use_where_the_file_tells_them_wrong(bits, largest, white):
    table = read_table(lookup_item((2, 0, bits), [0, largest], "US"), little_endian=True, signed=False)
    assert table.white == white
    assert table.told_wrong == (white != 2**bits - 1)


@pytest.mark.parametrize(
    ("descriptor", "data", "complaint"),
    [((300, 0, 12), b"\0" * 599, "fewer entries"), ((300, 0, 8), b"\0" * 299, "fewer entries"), ((3, 0), b"", "descr")],
)
def test_an_item_that_is_not_whole_is_refused(descriptor, data, complaint):
    with pytest.raises(ImageError, match="(?i)" + complaint):
        read_table(lookup_item(descriptor, data), little_endian=True, signed=False)
