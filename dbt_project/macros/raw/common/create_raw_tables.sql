{#-
    The external tables over what was landed, made from the contract. Idempotent. A command that writes nothing else
    (`dbt test`, `dbt source freshness`) takes the run lock for it: a run that goes on reads these tables.
-#}
{% macro create_raw_tables() %}
    {% if not raw_tables_are_current() %}
        {% do take_run_lock() if not command_writes() %}
        {% do make_raw_tables() %}
        {% do release_run_lock(invocation_id) if not command_writes() %}
    {% endif %}
{% endmacro %}

{#- Whether the external tables are those of the contract. -#}
{% macro raw_tables_are_current() %}{{ return(adapter.dispatch('raw_tables_are_current')()) }}{% endmacro %}

{% macro default__raw_tables_are_current() %}
    {{ exceptions.raise_compiler_error("raw_tables_are_current is not written for " ~ target.type ~ ": add " ~ target.type ~ "__raw_tables_are_current") }}
{% endmacro %}

{#- Makes them, or what they lack. -#}
{% macro make_raw_tables() %}{{ return(adapter.dispatch('make_raw_tables')()) }}{% endmacro %}

{% macro default__make_raw_tables() %}
    {{ exceptions.raise_compiler_error("make_raw_tables is not written for " ~ target.type ~ ": add " ~ target.type ~ "__make_raw_tables") }}
{% endmacro %}
