{% macro duckdb__json_text(json, name) %}json_extract_string({{ json }}, '$.{{ name }}'){% endmacro %}
