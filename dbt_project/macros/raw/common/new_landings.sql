{#-
    What a received model has to read: raw's rows in (low, high], and of its own rows those that these may repeat.

    low is the model's own newest landing, high the newest batch of the topic up to which raw holds all rows
    (whole_through): what is still publishing waits for the next run, with a warning. Returns {condition, touched}: two
    conditions in literals, on the landing columns and on the hours and times of the events, for what the model may hold
    already (none: it holds nothing).
-#}
{% macro new_landings(table) %}
    {% if not is_building_model() %}
        {{ return({'condition': '1 = 1', 'touched': none}) }}
    {% endif %}
    {% set checked = ref('int_' ~ table ~ '_checked') %}
    {% set topic = (raw_tables() | selectattr('name', 'equalto', table) | first).config.meta.topic %}
    {% set low = newest(this, '_landed_at') if is_incremental() else none %}
    {% set whole = whole_through(table, topic, low) %}
    {% set high = whole.through_us %}
    {% do warn_of_waiting_batch(topic, whole.waits) if whole.waits %}
    {% if high is none %}
        {{ return({'condition': nothing_landed(), 'touched': no_rows() if is_incremental() else none}) }}
    {% endif %}
    {% set condition = landed_between(low, high) %}
    {% if low is none %}
        {{ return({'condition': condition, 'touched': none}) }}
    {% endif %}
    {% set hours, times, off = {}, [], [] %}
    {% set query %}
        select
            {{ epoch_us('event_hour') }}, min({{ epoch_us('event_time') }}), max({{ epoch_us('event_time') }}),
            max(case when event_hour = date_trunc('hour', event_time) then 0 else 1 end)
        from {{ checked }} where {{ condition }} group by 1, date_trunc('minute', event_time)
    {% endset %}
    {% for hour_us, first_us, last_us, is_off in (rows_of(query) if low < high else []) %}
        {% do hours.update({moment(hour_us): true}) %}
        {% do (off if is_off | int else times).append([first_us, last_us]) %}
    {% endfor %}
    {% if not hours %}
        {{ return({'condition': nothing_landed(), 'touched': no_rows()}) }}
    {% endif %}
    {#- A time that is off can be any, also one that no literal has: then the hours alone are asked. -#}
    {% set touched = in_hours(hours.keys()) ~ ("" if off else " and (" ~ in_ranges(ranges_of(times), 'event_time') ~ ")") %}
    {{ return({'condition': condition, 'touched': touched}) }}
{% endmacro %}
