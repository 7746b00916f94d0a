"""Files from outside, for every room that reads some: found, opened under limits, and given row by row as text.

`find` names the files, `opened` is the one door to their bytes (compression, encoding, bombs), `read_csv` and
`read_json` give batches of text columns with the line each row came from, and what is no row beside them.
"""

from siyu.files.csv_rows import read_csv
from siyu.files.finding import SourceFile, find, format_of
from siyu.files.forms import Limits, TextForm
from siyu.files.json_rows import read_json
from siyu.files.opening import chunks, is_text, opened, shown
from siyu.files.remote import fetched, is_remote

__all__ = [
    "Limits",
    "SourceFile",
    "TextForm",
    "chunks",
    "fetched",
    "find",
    "format_of",
    "is_remote",
    "is_text",
    "opened",
    "read_csv",
    "read_json",
    "shown",
]
