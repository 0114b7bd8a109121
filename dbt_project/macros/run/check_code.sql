{#-
    Before a table is built: was its history built by other code? An edited rule or var changes only the hours that are
    reopened. It warns, or with --vars '{changed_code: fail}' fails, in each run until --full-refresh builds the table
    anew, or accept_code says that its history is meant to stay. `anew`: this run builds all of it. Returns whether the
    table has been built by this code.
-#}
{% macro check_code(anew) %}
    {% set code, known = code_md5(), built_code().get(model.alias) %}
    {% if code is none %}
        {{ return(false) }}
    {% endif %}
    {% if anew or not known %}
        {% do memo_set('code ' ~ model.alias, code) %}
    {% elif known != code %}
        {% set message = "The history of " ~ model.alias ~ " was built by other code, vars or seeds than this run's: rebuild it with --full-refresh"
            ~ " --select " ~ model.alias ~ ", or keep it with dbt run-operation accept_code --args '{models: [" ~ model.alias ~ "]}'." %}
        {% do exceptions.raise_compiler_error(message) if var('changed_code') == 'fail' %}
        {% do exceptions.warn(message) %}
    {% endif %}
    {{ return(not anew and known == code) }}
{% endmacro %}
