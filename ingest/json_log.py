"""Log lines as JSON objects: time, level, logger, message, and what the line is about, such as topic and batch."""

from __future__ import annotations

import logging
import time

from pythonjsonlogger.json import JsonFormatter

from ingest.printed import printable

_FIELDS = {"asctime": "time", "levelname": "level", "name": "logger"}


def log_as_json() -> None:
    """Write each line of this process's log as a JSON object from now on; after `printed.set_up`."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(name)s %(message)s", rename_fields=_FIELDS))


class _Formatter(JsonFormatter):
    default_time_format, default_msec_format = "%Y-%m-%dT%H:%M:%S", "%s.%03dZ"
    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))
