{#- The condition that only_reopened wrote into a compiled model. -#}
{% macro reopened_condition(compiled_sql) %}
    {% set found = modules.re.findall('/[*] reopened: (.*?) :reopened [*]/', compiled_sql, modules.re.DOTALL) %}
    {% if found | length != 1 %}
        {% do exceptions.raise_compiler_error(
            "An hourly model must end with one `where {{ only_reopened(hours) }}`; " ~ model.name ~ " has " ~ found | length ~ "."
        ) %}
    {% endif %}
    {{ return(found[0] | trim) }}
{% endmacro %}
