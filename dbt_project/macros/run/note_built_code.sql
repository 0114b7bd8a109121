{#- At the end of a run: by which code each view, each seed, and each table that was built anew, was built. Only what has changed. -#}
{% macro note_built_code(results) %}
    {% set known, rows = built_code(), [] %}
    {% for result in results if result.status == 'success' and result.node.resource_type in ('model', 'seed') %}
        {% set name = result.node.alias %}
        {% set code = memo('code ' ~ name) %}
        {% do rows.append("('" ~ name ~ "', '" ~ code ~ "', " ~ run_started_ms() ~ ")") if code and code != known.get(name) %}
    {% endfor %}
    {% do run_query("insert into " ~ state_table('built_code') ~ " values " ~ rows | join(', ')) if rows %}
{% endmacro %}
