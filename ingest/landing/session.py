"""The Spark session that lands."""

from __future__ import annotations

import os
import sys

from pyspark.sql import SparkSession

from ingest.errors import LandingError
from ingest.kafka_options import SECRET


def session() -> SparkSession:
    """The Spark session to land with: that of spark-submit, or one with the Kafka source and no metastore.

    Raises LandingError if Java or the jars cannot be had.
    """
    builder = SparkSession.builder.appName("junction ingest")
    if "PYSPARK_GATEWAY_PORT" not in os.environ:  # not started by spark-submit: bring the Kafka source ourselves
        from local import checks, jars

        try:
            checks.java()
            classpath = jars.spark_classpath()
        except checks.LocalError as error:
            raise LandingError(str(error)) from error
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = (
            builder.master("local[*]")
            .config("spark.driver.extraClassPath", classpath)
            .config("spark.driver.extraJavaOptions", "-Duser.timezone=UTC")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.scheduler.mode", "FAIR")
            .config("spark.redaction.regex", SECRET)
        )
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark
