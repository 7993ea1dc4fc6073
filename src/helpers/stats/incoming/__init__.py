"""Tables of readings as people and other tools write them, brought into the columns of ``tables.READINGS``.

``files`` reads a file into cells of text, ``columns`` finds what each column is, ``formats`` turns the forms of other
tools into one row a reading, ``cells`` reads names, numbers and words, ``ratings`` finds the scale, and ``checks``
finds what cannot be meant. Each says in a note what it did, or ends in one TableError that names file, row, column,
value and what to do. Rows are those that a spreadsheet shows: the header is row 1.
"""

from helpers.stats.incoming.reading import as_readings

__all__ = ["as_readings"]
