{#-
    A warehouse that has read a ledger is built from that landing folder only: one that is absent, unreadable or not yet
    mounted looks like a topic without records, and a full refresh would empty every table.
-#}
{% macro duckdb_check_landing() %}
    {% set hour = duckdb_known_horizon() %}
    {% if hour and memo('landing is there') is none %}
        {% set newest = partition_folder('raw', 'landed_batches', modules.datetime.datetime.fromisoformat(hour ~ ':00')) ~ '/*.parquet' %}
        {% if not duckdb_has_file(newest) and not duckdb_has_file(landing_root() ~ '/*/landed_batches/**/*.parquet') %}
            {% do exceptions.raise_compiler_error(
                "There is no ledger in the landing folder " ~ landing_root() ~ ", from which this warehouse was built: see that the folder"
                ~ " is there, mounted and readable, or set JUNCTION_LANDING to where it is. For another landing folder take"
                ~ " another warehouse (JUNCTION_VAR)."
            ) %}
        {% endif %}
        {% do memo_set('landing is there', true) %}
    {% endif %}
{% endmacro %}
