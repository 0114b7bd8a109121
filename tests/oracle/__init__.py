"""The oracle: an independent computation of every mart, written from docs/definitions.md and not from the models."""

from tests.oracle.compare import assert_same_rows
from tests.oracle.engine import KEYS, Oracle, read_constants

__all__ = ["KEYS", "Oracle", "assert_same_rows", "read_constants"]
