"""The error of landing and of the commands on the landing folder."""

from __future__ import annotations


class LandingError(RuntimeError):
    """Landing cannot go on; the message says what to do."""


class ChangedLogError(LandingError):
    """Kafka holds other records than were landed at their offsets."""


class MissingTopicError(LandingError):
    """Kafka has no such topic."""


class GoneError(Exception):
    """What was staged (the first argument) is there no more, and neither is its key (the second)."""


class TakenError(Exception):
    """The key (the second argument) holds something else than what was staged (the first)."""
