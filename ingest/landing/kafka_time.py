"""Which Kafka timestamps raw holds (docs/landing.md, Kafka timestamps): a producer can write any number."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

# Nanoseconds since 1970 fit into 64 bits until 2262: every engine and reader holds a time before that.
KNOWN_UNTIL_US = int(datetime(2262, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000


def held(timestamps: pa.TimestampArray) -> pa.TimestampArray:
    """The timestamps (in microseconds) that raw holds, null for the others."""
    micros = timestamps.view(pa.int64())
    known = pc.and_(pc.greater_equal(micros, 0), pc.less(micros, KNOWN_UNTIL_US))
    return timestamps if pc.all(known).as_py() else pc.if_else(known, timestamps, None)


def micros(millis: int) -> int | None:
    """Epoch ms as microseconds; None if 64 bits do not hold them."""
    return millis * 1000 if -(2**63) <= millis * 1000 < 2**63 else None
