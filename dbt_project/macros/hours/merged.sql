{#- Ranges [first, last] of datetimes, in order; those between which at most `gap` lies are one. -#}
{% macro merged(ranges, gap) %}
    {% set found = [] %}
    {% for range in ranges | sort %}
        {% if found and range[0] <= found[-1][1] + gap %}
            {% do found[-1].append([found[-1].pop(), range[1]] | max) %}
        {% else %}
            {% do found.append([range[0], range[1]]) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
