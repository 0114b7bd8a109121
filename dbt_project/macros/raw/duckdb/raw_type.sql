{#- https://duckdb.org/docs/stable/sql/data_types/overview (a text has no length: landing has checked it) -#}
{% macro duckdb_raw_type(data_type) %}
    {{ return('varchar' if data_type.startswith('varchar') else {'binary': 'blob'}.get(data_type, data_type)) }}
{% endmacro %}
