"""Tables of readings as written by people and other tools, converted to the columns of ``tables.READINGS``.

``files`` reads a file into text cells, ``columns`` identifies the columns, ``formats`` converts the formats of other
tools to one row per reading, ``cells`` parses names, numbers and words, ``ratings`` determines the scale, and
``checks`` finds entries that cannot be right. Each reports what it did in a note, or raises one TableError that names
file, row, column, value and what to do. Rows are numbered as in a spreadsheet: the header is row 1.
"""

from helpers.stats.incoming.reading import as_readings

__all__ = ["as_readings"]
