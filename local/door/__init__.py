"""The process that owns the DuckDB file serves it in PostgreSQL's protocol, so that others read while dbt writes.

The protocol is buenavista's (`docs/decisions/0023-a-door-for-readers.md`); what it lacks is in subclasses here.
"""
