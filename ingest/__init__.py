"""Lands Kafka topics as raw Parquet, exactly once and without a business rule (DESIGN, section 6)."""
