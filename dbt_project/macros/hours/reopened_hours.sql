{#-
    The event hours that this run of the model must recompute, as a list of datetimes; none means all of them (builds_all).

    `inputs`: a list of `input(relation, reach, ahead, step)`. A row of an input in hour h changes the model's rows in the
    hours from h − ahead to h + reach, of these in every `step`th one. An hour is reopened when an input holds such a row
    that was built after the model's own last success. An input must be a table whose hours never become empty (or a view
    that filters one whose rows never change): a row that is gone leaves no _built_ms behind.

    With the vars `from` and `to` (UTC), exactly the hours in [from, to) are rebuilt.
-#}
{% macro reopened_hours(inputs) %}
    {% if builds_all() %}
        {{ return(none) }}
    {% endif %}
    {% if var('from', none) %}
        {{ return(range_hours()) }}
    {% endif %}

    {% set through_ms = built_through_ms(this.identifier) %}
    {% set query %}
        {% for given in inputs %}
            select distinct {{ given.reach }} as reach, {{ given.ahead }} as ahead, {{ given.step }} as step, {{ epoch_us('event_hour') }} as event_us from {{ given.relation }} where _built_ms > {{ through_ms }}
            {{ "union" if not loop.last }}
        {% endfor %}
    {% endset %}
    {% set hours = {} %}
    {% for reach, ahead, step, event_us in rows_of(query) %}
        {% for later in range(-(ahead | int), reach | int + 1, step | int) %}
            {% do hours.update({moment(event_us) + modules.datetime.timedelta(hours=later): true}) %}
        {% endfor %}
    {% endfor %}
    {{ return(hours.keys() | sort) }}
{% endmacro %}
