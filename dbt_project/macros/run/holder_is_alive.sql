{#-
    Does the run that holds the lock go on? true or false where the engine shows it; none where only the lease can say.
    One statement can last longer than the lease, and no macro can renew it meanwhile. `holder` is that of run_lock_row.
-#}
{% macro holder_is_alive(holder) %}{{ return(adapter.dispatch('holder_is_alive')(holder)) }}{% endmacro %}

{% macro default__holder_is_alive(holder) %}
    {{ exceptions.raise_compiler_error("holder_is_alive is not written for " ~ target.type ~ ": add " ~ target.type ~ "__holder_is_alive") }}
{% endmacro %}

{#-
    By the metastore, which one process at a time can open where it is an embedded Derby (spark.junction.metastore of the
    profile): a holder that was another process on this host has ended, since this run has it open. No process id is
    looked up: it may be another process's by now, or of another container. Where the lease is all there is: a server's
    client, a metastore of one's own, another host, and the program in which this run works too, which runs one dbt
    command after another.
    https://db.apache.org/derby/docs/10.14/devguide/cdevdvlp40350.html
-#}
{% macro spark__holder_is_alive(holder) %}
    {% set us = run_process() %}
    {% if not us.process or not holder.process or holder.host != us.host or holder.process == us.process %}
        {{ return(none) }}
    {% endif %}
    {% set is_embedded = spark_setting('spark.junction.metastore') == 'embedded' and not spark_setting('spark.hadoop.hive.metastore.uris') %}
    {{ return(false if is_embedded else none) }}
{% endmacro %}

{#-
    By its statements, which carry its invocation id (query_label).
    https://docs.aws.amazon.com/redshift/latest/dg/SYS_QUERY_HISTORY.html
-#}
{% macro redshift__holder_is_alive(holder) %}
    {% set running = run_query(
        "select count(*) from sys_query_history where status in ('planning', 'queued', 'running', 'returning')"
        ~ " and query_text like '%" ~ holder.invocation_id ~ "%' and query_text not like '%sys_query_history%'"
    ).rows[0][0] %}
    {{ return(true if running | int > 0 else none) }}
{% endmacro %}

{#-
    A run whose process has ended, however, has closed the file, and this run has it open: it is of another opening. Within
    one opening (a program that runs one dbt command after another, or a server that has the file) the lease decides.
    https://duckdb.org/docs/stable/connect/concurrency
-#}
{% macro duckdb__holder_is_alive(holder) %}
    {{ return(none if holder.process == run_process().process else false) }}
{% endmacro %}
