{#-
    A warehouse that has read a ledger is built from that landing folder only: one that is absent, unreadable or not yet
    mounted looks like a topic without records, and a full refresh would empty every table.
-#}
{% macro duckdb_check_landing() %}
    {% set hour = duckdb_known_horizon() %}
    {% if hour and memo('landing is there') is none %}
        {% set newest = partition_folder('raw', 'landed_batches', modules.datetime.datetime.fromisoformat(hour ~ ':00')) ~ '/*.parquet' %}
        {% if not duckdb_has_file(newest) and not duckdb_has_file(landing_root() ~ '/raw/landed_batches/**/*.parquet') %}
            {% do refuse_without_ledger() %}
        {% endif %}
        {% do memo_set('landing is there', true) %}
    {% endif %}
{% endmacro %}
