{#- {model: the digest of the code by which its history, or the view, was last built}. Read once a command. -#}
{% macro built_code() %}
    {% set known = memo('built_code') %}
    {% if known is not none %}
        {{ return(known) }}
    {% endif %}
    {% set built = {} %}
    {% for name, code in rows_of("select model, code_md5 from " ~ state_table('built_code') ~ " order by built_ms") %}
        {% do built.update({name: code}) %}
    {% endfor %}
    {{ return(memo_set('built_code', built)) }}
{% endmacro %}
