{% macro duckdb__from_epoch_ms(expression) %}make_timestamp(({{ expression }}) * 1000){% endmacro %}
