{#-
    What this run must recompute of a model whose rows each come from one row of `each`, an input that only grows; none means
    all of it (builds_all). A model of the hours' kind would replace an hour with each of its seconds; here the cost
    follows what is new:

    - `new`: the times of what `each` got since the model's own last success (`since_ms`). The model keeps the _built_ms of
      `each` as _received_ms: so a run also replaces what one that was broken off has left.
    - `changed`: the times at which rows of the `inputs` count that were built since then (`lasting`).

    Both are lists of ranges [first, last] of datetimes, with at least a minute between two. With the vars `from` and `to` (UTC), exactly the hours in [from, to)
    are rebuilt.
-#}
{% macro reopened_rows(each, inputs=[]) %}
    {% if builds_all() %}
        {{ return(none) }}
    {% endif %}
    {% set since_ms, new_us, changed_us = built_through_ms(this.identifier), [], [] %}
    {% if var('from', none) %}
        {% for hour in range_hours() %}
            {% set first_us = ((hour - modules.datetime.datetime(1970, 1, 1)).total_seconds() * 1000000) | int %}
            {% do changed_us.append([first_us, first_us + 3600000000 - 1]) %}
        {% endfor %}
    {% else %}
        {% set query %}
            {% for given in [lasting(each, none)] + inputs %}
                select {{ loop.index0 }} as input, min({{ epoch_us('event_time') }}) as first_us, max({{ epoch_us('event_time') }}) as last_us
                from {{ given.relation }} where _built_ms > {{ since_ms }} group by date_trunc('minute', event_time)
                {{ "union all" if not loop.last }}
            {% endfor %}
        {% endset %}
        {% for number, first_us, last_us in rows_of(query) %}
            {% do new_us.append([first_us, last_us]) if number == 0 %}
            {% do changed_us.append([first_us, last_us + 1000 * (inputs[number | int - 1].lasts_ms + 1)]) if number > 0 %}
        {% endfor %}
    {% endif %}
    {{ return({'new': ranges_of(new_us), 'changed': ranges_of(changed_us), 'since_ms': since_ms}) }}
{% endmacro %}

{#- One input of `reopened_rows`: a row of it changes the model's rows from its own event_time on, for so many ms. -#}
{% macro lasting(relation, lasts_ms) %}{{ return({'relation': relation, 'lasts_ms': lasts_ms}) }}{% endmacro %}
