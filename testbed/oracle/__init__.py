"""The oracle: an independent computation of every mart, written from docs/definitions.md and not from the models."""

from testbed.oracle.compare import assert_same_rows
from testbed.oracle.engine import KEYS, Oracle, project_oracle, read_constants

__all__ = ["KEYS", "Oracle", "assert_same_rows", "project_oracle", "read_constants"]
