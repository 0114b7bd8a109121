{% macro duckdb__cast_zoned_time(text) %}cast(cast({{ text }} as timestamptz) as timestamp){% endmacro %}
