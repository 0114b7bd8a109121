{#-
    What a received model has to read: raw's rows in (low, high], and the event hours that they touch.

    low is the model's own newest landing, high the newest batch of the topic up to which raw holds all rows
    (whole_through): what is still publishing waits for the next run, with a warning. Returns {condition, hours}: a
    condition on the landing columns in literals, and the touched hours as datetimes (none: all).
-#}
{% macro new_landings(table) %}
    {% if not is_building_model() %}
        {{ return({'condition': '1 = 1', 'hours': none}) }}
    {% endif %}
    {% set checked = ref('int_' ~ table ~ '_checked') %}
    {% set topic = (raw_tables() | selectattr('name', 'equalto', table) | first).config.meta.topic %}
    {% set low = newest(this, '_landed_at') if is_incremental() else none %}
    {% set whole = whole_through(table, topic, low) %}
    {% set high = whole.through_us %}
    {% do warn_of_waiting_batch(topic, whole.waits) if whole.waits %}
    {% if high is none %}
        {{ return({'condition': nothing_landed(), 'hours': [] if is_incremental() else none}) }}
    {% endif %}
    {% set condition = landed_between(low, high) %}
    {% if low is none %}
        {{ return({'condition': condition, 'hours': none}) }}
    {% endif %}
    {% set hours = [] %}
    {% if low < high %}
        {% for row in run_query("select distinct " ~ epoch_us("event_hour") ~ " from " ~ checked ~ " where " ~ condition).rows %}
            {% do hours.append(moment(row[0])) %}
        {% endfor %}
    {% endif %}
    {{ return({'condition': condition if hours else nothing_landed(), 'hours': hours}) }}
{% endmacro %}
