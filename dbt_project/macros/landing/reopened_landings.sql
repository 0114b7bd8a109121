{#-
    The landing hours that this run of the audit must recompute, as datetimes; none means all: those of the rows that
    were received since its own last success, and those of the batches that it has not counted (a batch of dead letters
    leaves no row).
-#}
{% macro reopened_landings(received, batches) %}
    {% if not is_writing() or not is_incremental() %}
        {{ return(none) }}
    {% endif %}
    {% set counted_until = newest(this, '_landed_until') or 0 %} {#- too low only repeats work -#}
    {% set landing_us = epoch_us("date_trunc('hour', _landed_at)") %}
    {% set query %}
        select distinct {{ landing_us }} from {{ received }} where _built_ms > {{ last_built_ms(this.identifier) }}
        union
        select distinct {{ landing_us }} from {{ batches }}
        where _landed_at > {{ timestamp_literal(moment(counted_until)) }} and {{ landed_from(moment(counted_until), '') }}
    {% endset %}
    {% set hours = [] %}
    {% for row in run_query(query).rows %}
        {% do hours.append(moment(row[0])) %}
    {% endfor %}
    {{ return(hours | sort) }}
{% endmacro %}
