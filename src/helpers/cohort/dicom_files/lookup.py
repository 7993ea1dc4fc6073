"""Lookup tables of DICOM files, of any width and coding (PS3.3 C.11.1.1 and C.11.2.1.1)."""

from dataclasses import dataclass

import numpy as np
import pydicom

from helpers.cohort.dicom_files.reading import numbers
from helpers.errors import ImageError


@dataclass(frozen=True)
class LookupTable:
    """``entries`` (float32, shape (n,)) for the values ``first``, ``first`` + 1 ...; ``bits`` as the file states."""

    first: int
    entries: np.ndarray
    bits: int

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """The entries for the values; those below and above the table get its first and last entry."""
        place = np.clip(np.rint(values) - self.first, 0, len(self.entries) - 1)
        return self.entries[place.astype(np.intp)]

    @property
    def used_bits(self) -> int:
        """Bits that the largest entry needs."""
        return max(1, int(self.entries.max()).bit_length())

    @property
    def told_wrong(self) -> bool:
        """Whether the stated bits are wrong: an entry exceeds them, or none reaches a quarter of their range."""
        return not self.bits - 2 < self.used_bits <= self.bits

    @property
    def white(self) -> float:
        """The output for white: all stated bits set, or all bits in use if the stated bits are wrong."""
        return float(2 ** (self.used_bits if self.told_wrong else self.bits) - 1)


def read_table(item: pydicom.Dataset, little_endian: bool, signed: bool) -> LookupTable:
    """The table of an item of a ModalityLUTSequence or VOILUTSequence; ``signed`` if its inputs can be negative.

    Entries are 16-bit words, or bytes if there is only one byte for each. Raises ImageError for an item without
    descriptor or data, or with fewer entries than it states.
    """
    descriptor = [int(one) for one in numbers(item, "LUTDescriptor")]
    if len(descriptor) != 3:
        raise ImageError("its LUTDescriptor is missing or has not three values")
    count = descriptor[0] % 65536 or 65536
    first = descriptor[1] - 65536 if signed and descriptor[1] >= 32768 else descriptor[1]
    data = _bytes(item, little_endian)
    if len(data) >= 2 * count:
        entries = np.frombuffer(data, "<u2", count)
    elif len(data) >= count and descriptor[2] <= 8:
        entries = np.frombuffer(data, "u1", count)
    else:
        raise ImageError("its LUTData has fewer entries than its LUTDescriptor says")
    return LookupTable(first, entries.astype(np.float32), descriptor[2])


def _bytes(item: pydicom.Dataset, little_endian: bool) -> bytes:
    """LUTData as bytes, the low byte of each word first; 8-bit entries packed into words have this order too."""
    if "LUTData" not in item or item["LUTData"].value is None:
        return b""
    element = item["LUTData"]
    if not isinstance(element.value, bytes):
        return np.atleast_1d(np.asarray(element.value, dtype=np.int64)).astype("<u2").tobytes()
    if element.VR == "OW" and not little_endian:
        return np.frombuffer(element.value[: len(element.value) // 2 * 2], ">u2").astype("<u2").tobytes()
    return element.value
