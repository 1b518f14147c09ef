"""Plain torch: index_select, on whatever device holds the particles. It allocates a copy of the columns."""

from __future__ import annotations


def run(columns, uid, order, scratch, uid_scratch):  # noqa: ANN001, ANN201
    del scratch, uid_scratch
    columns.copy_(columns.index_select(1, order))
    uid.copy_(uid.index_select(0, order))
