"""The contract of the landed topics: read from the dbt project, checked, and derived from. Needs no Spark."""
