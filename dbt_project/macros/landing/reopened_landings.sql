{#-
    The landing hours that this run of the audit must recompute, as datetimes; none means all: those of the rows that
    were received since its own last success, and those of the batches that it has not counted (a batch of dead letters
    leaves no row). Batches since the oldest of those rows are looked at too: one of dead letters waited for the rows
    before it, while other topics were counted beyond it.
-#}
{% macro reopened_landings(received, batches) %}
    {% if not is_writing() or not is_incremental() %}
        {{ return(none) }}
    {% endif %}
    {% set landing_us = epoch_us("date_trunc('hour', _landed_at)") %}
    {% set new_rows %}
        select {{ landing_us }} as hour_us, min({{ epoch_us('_landed_at') }}) as oldest_us
        from {{ received }} where _built_ms > {{ last_built_ms(this.identifier) }}
        group by 1
    {% endset %}
    {% set hours, oldest = {}, [newest(this, '_landed_until') or 0] %} {#- too low only repeats work -#}
    {% for hour_us, oldest_us in run_query(new_rows).rows %}
        {% do hours.update({moment(hour_us): true}) %}
        {% do oldest.append(oldest_us - 1) %}
    {% endfor %}
    {% set since = moment(oldest | min) %}
    {% set uncounted %}
        select distinct {{ landing_us }} from {{ batches }}
        where _landed_at > {{ timestamp_literal(since) }} and {{ landed_from(since, '') }}
    {% endset %}
    {% for row in run_query(uncounted).rows %}
        {% do hours.update({moment(row[0]): true}) %}
    {% endfor %}
    {{ return(hours.keys() | sort) }}
{% endmacro %}
