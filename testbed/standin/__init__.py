"""The Redshift stand-in: PostgreSQL behind a shim that refuses what Redshift refuses. It is not Redshift."""

from testbed.standin.server import Standin, standin

__all__ = ["Standin", "standin"]
