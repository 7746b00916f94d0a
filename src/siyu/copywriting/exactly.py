"""Values as bytes that no other value has, column by column: what is marked, and what tells lists apart."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_NOTHING = "~"


def exact(values: pa.Array) -> pa.Array:
    """Each value as bytes that no other value of its type has: strings with their length before them."""
    return text(values, values.type)


def text(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """The same for a column that is to be of some kind; of a dictionary's values, each is looked at once."""
    if pa.types.is_dictionary(column.type):
        said = text(column.dictionary, kind).take(column.indices)
        return pc.coalesce(said, pa.scalar(f"{_NOTHING}:".encode())) if said.null_count else said
    if pa.types.is_list(kind):
        return in_lists(column, text(column.flatten(), kind.value_type))
    if pa.types.is_struct(kind):
        fields = [text(column.field(field.name), field.type) for field in kind]
        return pc.binary_join_element_wise(*fields, b"")
    plain = column.cast(pa.int64()) if pa.types.is_timestamp(kind) else column
    return _with_length(plain.cast(pa.string()).cast(pa.binary()))


def in_lists(column: pa.ListArray, values: pa.Array) -> pa.Array:
    """Each list as its values one after another, their number first; a missing list is missing."""
    lengths = column.value_lengths()
    ends = pc.cumulative_sum(pc.coalesce(lengths, pa.scalar(0, pa.int32())))
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), ends.cast(pa.int32())])
    joined = pc.binary_join(pa.ListArray.from_arrays(offsets, values), b"")
    numbers = lengths.cast(pa.string()).cast(pa.binary())  # missing where the list is
    return _with_length(pc.binary_join_element_wise(numbers, joined, b"|"))


def _with_length(column: pa.Array) -> pa.Array:
    lengths = pc.coalesce(pc.binary_length(column).cast(pa.string()), pa.scalar(_NOTHING)).cast(pa.binary())
    return pc.binary_join_element_wise(lengths, pc.coalesce(column, pa.scalar(b"")), b":")
