"""The whole stack on one machine, without Docker: broker, Spark, dbt, and the commands that start and stop them."""
