{#-
    The event hours that this run of the model must recompute, as a list of datetimes; none means all of them.

    inputs: (relation, reach), (relation, reach, back) or (relation, reach, back, step) each. An input's row in hour h
    changes the model's rows in the hours h − back to h + reach (back: 0 unless said; what is kept by the hour in which
    it began needs it), of these every `step`th (1 unless said): what looks back whole weeks names 168, and reopens an
    hour a week instead of all between. An hour is reopened when an input holds a row there that was built after the
    model's own last success. An input must be a table whose hours never become empty (or a view that filters one whose
    rows never change): a row that is gone has no _built_ms to tell of it.

    With the vars `from` and `to` (UTC), exactly the hours in [from, to) are rebuilt.
-#}
{% macro reopened_hours(inputs) %}
    {% if not is_building_model() or not is_incremental() %}
        {{ return(none) }}
    {% endif %}
    {% if var('from', none) %}
        {{ return(hours_between(var('from'), var('to'))) }}
    {% endif %}

    {% set through_ms = built_through_ms(this.identifier) %}
    {% set query %}
        {% for input in inputs %}
            select distinct {{ input[1] }} as reach, {{ input[2] or 0 }} as back, {{ input[3] or 1 }} as step, {{ epoch_us('event_hour') }} as event_us from {{ input[0] }} where _built_ms > {{ through_ms }}
            {{ "union" if not loop.last }}
        {% endfor %}
    {% endset %}
    {% set hours = {} %}
    {% for reach, back, step, event_us in run_query(query).rows %}
        {% for later in range(-(back | int), reach | int + 1, step | int) %}
            {% do hours.update({moment(event_us) + modules.datetime.timedelta(hours=later): true}) %}
        {% endfor %}
    {% endfor %}
    {{ return(hours.keys() | sort) }}
{% endmacro %}
