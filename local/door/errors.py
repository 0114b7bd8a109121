"""Failures as PostgreSQL's clients read them: a sentence and an SQLSTATE."""

from __future__ import annotations

import duckdb

# https://www.postgresql.org/docs/current/errcodes-appendix.html; the first class that fits, so subclasses come first.
_STATES: tuple[tuple[type[Exception], str], ...] = (
    (duckdb.ParserException, "42601"),  # syntax_error
    (duckdb.SyntaxException, "42601"),
    (duckdb.BinderException, "42703"),  # undefined_column is what it nearly always is
    (duckdb.CatalogException, "42P01"),  # undefined_table
    (duckdb.PermissionException, "42501"),  # insufficient_privilege
    (duckdb.ConversionException, "22P02"),  # invalid_text_representation
    (duckdb.OutOfRangeException, "22003"),  # numeric_value_out_of_range
    (duckdb.ConstraintException, "23000"),  # integrity_constraint_violation
    (duckdb.NotImplementedException, "0A000"),  # feature_not_supported
    (duckdb.NotSupportedError, "0A000"),
    (duckdb.TransactionException, "40001"),  # serialization_failure: two transactions changed the same
    (duckdb.OutOfMemoryException, "53200"),
    (duckdb.InterruptException, "57014"),  # query_canceled
    (duckdb.IOException, "58030"),
    (duckdb.InvalidInputException, "22023"),  # invalid_parameter_value
    (duckdb.Error, "XX000"),
    (MemoryError, "53200"),
)


class DoorError(Exception):
    """A failure of the door's own, with its SQLSTATE."""

    def __init__(self, state: str, sentence: str) -> None:
        super().__init__(sentence)
        self.state = state


def refused(sentence: str) -> DoorError:
    """What a user may not do (insufficient_privilege)."""
    return DoorError("42501", sentence)


def state_of(error: Exception) -> str:
    """The SQLSTATE of any failure; of one that nobody foresaw, internal_error."""
    if isinstance(error, DoorError):
        return error.state
    return next((state for kind, state in _STATES if isinstance(error, kind)), "XX000")
