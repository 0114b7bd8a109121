{#-
    Adds the new records of compaction to raw.compacted_hours. Each is later than all before it, and its file's name has the
    time, so what is listed are the days since the newest.
-#}
{% macro duckdb_read_records() %}
    {% set newest = run_query("select " ~ epoch_us("max(compacted_at)") ~ " from raw.compacted_hours").rows[0][0] %}
    {% set patterns = duckdb_since('compacted_hours', moment(newest) if newest is not none else none) %}
    {% do run_query(
        "set variable raw_new = (select list(file) from glob(" ~ duckdb_texts(patterns) ~ ") where "
        ~ "strptime(regexp_extract(file, '-([0-9]{8}T[0-9]{12}Z)[.]parquet$', 1), '%Y%m%dT%H%M%S%fZ') > " ~ timestamp_literal(moment(newest or 0)) ~ ")"
    ) %}
    {% do duckdb_append_new('compacted_hours') %}
{% endmacro %}

{#-
    Patterns of a raw table's files from the day of `newest` to today, of that day from its hour on; all that there are if it
    is none. In the folders raw and compacted: the small files of an hour may have expired since. A bucket is listed by day,
    since each pattern is a request.
-#}
{% macro duckdb_since(table, newest) %}
    {% set today, folders, patterns = utc_now().replace(tzinfo=none), [], [] %}
    {% if newest is none %}
        {% do folders.append('landed_date=*/landed_hour=*') %}
    {% else %}
        {% for hour in range(newest.hour, 24) if not landing_is_in_a_bucket() %}
            {% do folders.append(newest.strftime('landed_date=%Y-%m-%d/landed_hour=') ~ '%02d' % hour) %}
        {% endfor %}
        {% for days in range(1 if folders else 0, (today.date() - newest.date()).days + 1) %}
            {% do folders.append((newest + modules.datetime.timedelta(days=days)).strftime('landed_date=%Y-%m-%d') ~ '/landed_hour=*') %}
        {% endfor %}
    {% endif %}
    {% for folder in folders %}
        {% for root in ['raw', 'compacted'] %}
            {% do patterns.append(landing_root() ~ '/' ~ root ~ '/' ~ table ~ '/' ~ folder ~ '/*.parquet') %}
        {% endfor %}
    {% endfor %}
    {{ return(patterns) }}
{% endmacro %}

{#- Reads the files of the variable raw_new, if there are any, into the raw table. -#}
{% macro duckdb_append_new(name) %}
    {% if run_query("select coalesce(len(getvariable('raw_new')), 0)").rows[0][0] %}
        {% set table = raw_tables() | selectattr('identifier', 'equalto', name) | first %}
        {% do run_query(
            "insert or ignore into raw." ~ name ~ " by name select *, " ~ duckdb_partition_columns(table) ~ " from "
            ~ duckdb_from_parquet(table, "getvariable('raw_new')")
        ) %}
    {% endif %}
{% endmacro %}
