{#- A datetime's hour as text, like 2026-03-02 08: the texts sort as the hours do. -#}
{% macro hour_text(moment) %}{{ return(moment.strftime('%Y-%m-%d %H')) }}{% endmacro %}
