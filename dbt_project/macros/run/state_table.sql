{#-
    The relation of one of the project's own state tables, in the schema of the models. Each records *through* where its
    reader has come; what is missing there is only done again.

    | table | engine | a row per | through |
    |---|---|---|---|
    | build_log | all | model and run | through_ms: the _built_ms of inputs that the model has seen (built_through) |
    | built_code | all | model and code | code_md5: by which code the view, or the table's history, was built (built_code) |
    | run_lock | all | (one row) | which run writes, where, and until when that counts without a renewal |
    | tests_passed | all | data test and command | through_ms: the _built_ms up to which the test has passed (passed_through) |
    | passed_by | all | topic and run | landed_us: the batch up to which nobody waits for rows that raw lacks (passed_by) |
    | compactions_seen | all | (one row) | through_us: the newest record of a compaction whose partition was repointed; looked_until: the hour through which the records have partitions (new_compactions) |
    | write_fence | DuckDB | table | (no mark) the run that wrote it last or took the lock since (fence_write) |
    | raw_state | Redshift | raw table | landed_through: the newest landing hour whose partitions were all added (partitions_through) |
    | raw_files.copied_through | Redshift with COPY | topic | landed_until: the newest batch of which all rows are loaded; in the schema of what was loaded (copied_through) |

    On Spark a raw table keeps its newest landing hour in its own property junction.newest_partition (partitions_through).
-#}
{% macro state_table(name) %}
    {{ return(api.Relation.create(database=target.database if target.type != 'spark' else none, schema=target.schema, identifier=name)) }}
{% endmacro %}
