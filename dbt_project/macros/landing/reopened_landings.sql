{#-
    The landing hours that this run of the audit must recompute, as datetimes; none means all: those of the rows that
    were received since its own last success, and those with a batch at or after its newest hour (a batch of dead
    letters leaves no row).
-#}
{% macro reopened_landings(received, batches) %}
    {% if not is_writing() or not is_incremental() %}
        {{ return(none) }}
    {% endif %}
    {% set newest = run_query("select max(" ~ epoch_us('landing_hour') ~ ") from " ~ this).rows[0][0] or 0 %}
    {% set landing_us = epoch_us("date_trunc('hour', _landed_at)") %}
    {% set query %}
        select distinct {{ landing_us }} from {{ received }} where _built_ms > {{ last_built_ms(this.identifier) }}
        union
        select distinct {{ landing_us }} from {{ batches }} where {{ landed_from(moment(newest), '') }}
    {% endset %}
    {% set hours = [] %}
    {% for row in run_query(query).rows %}
        {% do hours.append(moment(row[0])) %}
    {% endfor %}
    {{ return(hours | sort) }}
{% endmacro %}
