{#-
    When a row breaks a data test that looks at each row by itself, as a condition; none of a test of another kind.
    `arguments` are those of the test's properties. dbt's accepted_values has its own SQL: this is its condition.
-#}
{% macro breaks(test, arguments) %}
    {% if test == 'holds' %}
        {{ return("not coalesce(" ~ arguments.condition ~ ", false)") }}
    {% elif test == 'in_range' %}
        {{ return(arguments.column_name ~ " not between " ~ arguments.min_value ~ " and " ~ arguments.max_value) }}
    {% elif test == 'never_null' %}
        {{ return(arguments.columns | join(' is null or ') ~ " is null") }}
    {% elif test == 'accepted_values' %}
        {% set quote = "'" if arguments.get('quote', true) else "" %}
        {{ return(arguments.column_name ~ " not in (" ~ quote ~ arguments['values'] | join(quote ~ ", " ~ quote) ~ quote ~ ")") }}
    {% endif %}
    {{ return(none) }}
{% endmacro %}
