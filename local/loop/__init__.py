"""`make up` on DuckDB: one process owns the warehouse, serves it, and builds what has been landed at once."""
