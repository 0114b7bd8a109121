{% macro duckdb__epoch_us(expression) %}epoch_us({{ expression }}){% endmacro %}
