{#- {host, process}: where this run works, as texts; '' for what is not known. A run's lock names them; no two processes are the same. -#}
{% macro run_process() %}{{ return(adapter.dispatch('run_process')()) }}{% endmacro %}

{% macro default__run_process() %}
    {{ exceptions.raise_compiler_error("run_process is not written for " ~ target.type ~ ": add " ~ target.type ~ "__run_process") }}
{% endmacro %}

{#-
    With `method: session` on a local master: the JVM that dbt has started, as its process id and Spark's name for the
    session, which has the time of its start. A process id alone is given again, in a container that was started anew too.
    Of a server only the client's host is known, as on Redshift: it outlives its clients.
    A session that serves BI tools has no `reflect`, and both in a setting instead (local/thrift.py).
    https://spark.apache.org/docs/latest/api/sql/index.html#reflect
-#}
{% macro spark__run_process() %}
    {#- `target` has no method. -#}
    {% if adapter.config.credentials.method != 'session' or not spark_setting('spark.master').startswith('local') %}
        {{ return({'host': env_var('HOSTNAME', '') | replace("'", ''), 'process': ''}) }}
    {% endif %}
    {% set found = spark_setting('spark.junction.process').split(' ') %}
    {% if found | length < 2 %}
        {% set found = run_query(
            "select reflect('java.net.InetAddress', 'getLocalHost'), reflect('java.lang.ProcessHandle', 'current')"
        ).rows[0] %}
    {% endif %}
    {{ return({'host': found[0] | replace("'", ''), 'process': found[1] ~ ' ' ~ spark_setting('spark.app.id')}) }}
{% endmacro %}

{#- dbt shows its macros no process; a container or a shell may export its host's name. -#}
{% macro redshift__run_process() %}
    {{ return({'host': env_var('HOSTNAME', '') | replace("'", ''), 'process': ''}) }}
{% endmacro %}

{#-
    DuckDB shows its macros no process. One process at a time can have the file open, so what is named is this opening of
    it: a number that lives in memory as long as the file is open (memory of the process, attached as a database).
    https://duckdb.org/docs/stable/sql/statements/attach
-#}
{% macro duckdb__run_process() %}
    {% do run_query("attach if not exists ':memory:' as junction_opening") %}
    {% do run_query("create table if not exists junction_opening.main.opening as select left(cast(uuid() as varchar), 8) as name") %}
    {{ return({'host': '', 'process': run_query("select name from junction_opening.main.opening").rows[0][0]}) }}
{% endmacro %}
