"""What fits a contract type: one decoded JSON value in, one Python value out, or the reason why not. Needs no Spark."""

from __future__ import annotations

import base64
import binascii
import math
import re
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

# Possessive: a fraction of a million digits is read once, not once more for each way to divide it.
_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}+)[0-9]*+)?(?:Z|([+-])([0-9]{2}):([0-9]{2}))",
)
_WHOLE = {"integer": 2**31, "bigint": 2**63}


class Reason(StrEnum):
    """Why a record is a dead letter. The list is closed: readers may enumerate it."""

    NULL_PAYLOAD = "null_payload"
    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    NOT_OBJECT = "not_object"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    TOO_LONG = "too_long"


class Misfit(Exception):
    """A record does not fit its contract: `reason`, and the field where there is one."""

    def __init__(self, reason: Reason, field: str | None = None) -> None:
        super().__init__(reason, field)
        self.reason = reason
        self.field = field


def convert(kind: str, max_bytes: int | None, required: bool, value: Any) -> Any:
    """Turn a decoded JSON value into the Python value of a contract type; raises Misfit.

    Times become aware datetimes in UTC with whole microseconds (further digits are cut off), texts are bounded by
    `max_bytes` of UTF-8. Nothing is coerced: "12" and 12.0 are no integers, 12 is no text; an integer is a double.
    """
    if value is None:
        if required:
            raise Misfit(Reason.MISSING_FIELD)
        return None
    if kind == "varchar":
        return _text(value, max_bytes)
    if kind == "timestamp" and isinstance(value, str):
        return parse_time(value)
    if kind in _WHOLE and type(value) is int and -_WHOLE[kind] <= value < _WHOLE[kind]:
        return value
    if kind == "double" and type(value) in (int, float):
        return _double(value)
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind == "binary" and isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            pass
    raise Misfit(Reason.WRONG_TYPE)


def _text(value: Any, max_bytes: int | None) -> str:
    if not isinstance(value, str):
        raise Misfit(Reason.WRONG_TYPE)
    try:
        size = len(value.encode("utf-8"))
    except UnicodeEncodeError as lone_surrogate:
        raise Misfit(Reason.WRONG_TYPE) from lone_surrogate
    if "\0" in value:  # not every engine has a text with it
        raise Misfit(Reason.WRONG_TYPE)
    if max_bytes is not None and size > max_bytes:
        raise Misfit(Reason.TOO_LONG)
    return value


def _double(value: int | float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Misfit(Reason.WRONG_TYPE)
    return number + 0.0  # -0.0 is 0.0, as `-0` is


def parse_time(text: str) -> datetime:
    """Parse an ISO-8601 time with `Z` or an offset to UTC, years 1 to 9999; raises Misfit(wrong_type)."""
    match = _TIME.fullmatch(text)
    if not match:
        raise Misfit(Reason.WRONG_TYPE)
    *whole, fraction, sign, hours, minutes = match.groups()
    try:
        zone: timezone = UTC
        if sign:
            if int(minutes) > 59:
                raise ValueError(minutes)
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            zone = timezone(-offset if sign == "-" else offset)
        year, month, day, hour, minute, second = (int(part) for part in whole)
        micros = int((fraction or "").ljust(6, "0"))
        return datetime(year, month, day, hour, minute, second, micros, zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Misfit(Reason.WRONG_TYPE) from error
