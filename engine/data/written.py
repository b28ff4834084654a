"""Values of a frame as the text that a table would hold."""

from typing import Any


def as_text(series: Any) -> Any:
    """Return a column as text: lists of words as a sentence, other lists and records as written.

    Bytes are no text: where they stand nothing is.
    """
    import polars

    if series.dtype == polars.List(polars.String):
        return series.list.join(" ", ignore_nulls=True)
    if series.dtype.is_nested():
        values = [None if value is None else f"{value}" for value in series.to_list()]
        return polars.Series(series.name, values, dtype=polars.String)
    if series.dtype == polars.Binary:
        return polars.Series(series.name, [None] * len(series), dtype=polars.String)
    return series.cast(polars.String, strict=False)
