"""Lands Kafka topics as raw Parquet, exactly once and without a business rule (law 1 of docs/architecture.md)."""
