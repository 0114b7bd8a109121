"""A real Prometheus for tests: what it makes of the metrics, and of the rules."""
