{#- Each day, or after large rebuilds: dbt run-operation maintain_tables. What it does on each engine: docs/operations.md. -#}
{% macro maintain_tables() %}
    {% do warn_of_landings_ahead() %}
    {{ return(adapter.dispatch('maintain_tables')()) }}
{% endmacro %}

{% macro default__maintain_tables() %}
    {{ exceptions.raise_compiler_error("maintain_tables is not written for " ~ target.type ~ ": add " ~ target.type ~ "__maintain_tables") }}
{% endmacro %}

{#-
    Rewritten hours leave small files and dead ones: OPTIMIZE joins the small ones, VACUUM removes what no version of the
    last days needs (delta.deletedFileRetentionDuration, 7 days). The log cleans itself (delta.logRetentionDuration, 30
    days). With the run lock, since a model that writes the same hours at the same moment would fail.
    https://docs.delta.io/latest/optimizations-oss.html, https://docs.delta.io/latest/delta-utility.html
-#}
{% macro spark__maintain_tables() %}
    {% do take_run_lock() %}
    {% do create_tests_passed() %}
    {% do prune_tests_passed() %}
    {% set tables = [state_table('build_log'), state_table('run_lock'), state_table('tests_passed')] %}
    {% for node in hourly_models() %}
        {% do tables.append(load_relation(api.Relation.create(schema=node.schema, identifier=node.alias))) %}
    {% endfor %}
    {% for table in tables if table %}
        {% do keep_run_lock(check=true) %}
        {% do run_query('optimize ' ~ table) %}
        {% do run_query('vacuum ' ~ table) %}
    {% endfor %}
    {% do release_run_lock(invocation_id) %}
{% endmacro %}

{#-
    Redshift vacuums and analyzes by itself when it is idle. After a rebuilt range there are many deleted rows and old
    statistics, for which that can take long. Each by itself: neither may run in a transaction with others.
    https://docs.aws.amazon.com/redshift/latest/dg/t_Reclaiming_storage_space202.html
-#}
{% macro redshift__maintain_tables() %}
    {% do create_tests_passed() %}
    {% do prune_tests_passed() %}
    {% for node in hourly_models() %}
        {% set table = '"' ~ node.schema ~ '"."' ~ node.alias ~ '"' %}
        {% do run_query('vacuum full ' ~ table) %}
        {% do run_query('analyze ' ~ table) %}
    {% endfor %}
{% endmacro %}

{#-
    Replaced hours leave deleted rows, which a checkpoint takes out; the file keeps its size and uses the room again.
    Statistics are renewed. With the run lock, since a checkpoint waits for no write.
    https://duckdb.org/docs/stable/sql/statements/checkpoint
-#}
{% macro duckdb__maintain_tables() %}
    {% do take_run_lock() %}
    {% do create_tests_passed() %}
    {% do prune_tests_passed() %}
    {% do run_query('vacuum analyze') %}
    {% do run_query('checkpoint') %}
    {% do release_run_lock(invocation_id) %}
{% endmacro %}

{% macro hourly_models() %}
    {{ return(graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | selectattr('config.materialized', 'equalto', 'incremental') | list) }}
{% endmacro %}
