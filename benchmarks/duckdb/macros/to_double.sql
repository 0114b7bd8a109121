{% macro duckdb__to_double(expression) %}cast({{ expression }} as double){% endmacro %}
