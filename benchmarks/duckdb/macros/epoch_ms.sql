{% macro duckdb__epoch_ms(expression) %}cast(floor(epoch_us({{ expression }}) / 1000) as bigint){% endmacro %}
