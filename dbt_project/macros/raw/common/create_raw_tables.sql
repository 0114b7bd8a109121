{#- The external tables over what was landed, made from the contract. Idempotent. -#}
{% macro create_raw_tables() %}{{ return(adapter.dispatch('create_raw_tables')()) }}{% endmacro %}

{% macro default__create_raw_tables() %}
    {{ exceptions.raise_compiler_error("create_raw_tables is not written for " ~ target.type ~ ": add " ~ target.type ~ "__create_raw_tables") }}
{% endmacro %}

{#- https://spark.apache.org/docs/latest/sql-ref-syntax-ddl-create-table-datasource.html -#}
{% macro spark__create_raw_tables() %}
    {% do run_query("create schema if not exists raw") %}
    {% set existing = run_query("show tables in raw").columns[1].values() %}
    {% for table in raw_tables() if table.identifier not in existing %}
        {% set columns = [] %}
        {% for column in raw_columns(table) %}
            {% do columns.append(column.name ~ " " ~ spark_raw_type(column.data_type)) %}
        {% endfor %}
        {% do run_query(
            "create table if not exists raw." ~ table.identifier ~ " (" ~ columns | join(', ')
            ~ ", landed_date date, landed_hour string) using parquet partitioned by (landed_date, landed_hour) location '"
            ~ landing_root() ~ "/raw/" ~ table.identifier ~ "'"
        ) %}
    {% endfor %}
    {% for table in raw_tables() if table.identifier in existing %}
        {% do spark_add_new_columns(table) %}
    {% endfor %}
{% endmacro %}

{#- A column that is new in the contract: files without it give null. A changed type is no new column (contract-check). -#}
{% macro spark_add_new_columns(table) %}
    {% set had = run_query("show columns in raw." ~ table.identifier).columns[0].values() %}
    {% set new = [] %}
    {% for column in raw_columns(table) if column.name not in had %}
        {% do new.append(column.name ~ " " ~ spark_raw_type(column.data_type)) %}
    {% endfor %}
    {% do run_query("alter table raw." ~ table.identifier ~ " add columns (" ~ new | join(', ') ~ ")") if new %}
{% endmacro %}

{#- Parquet has no length for a text: landing has checked it. -#}
{% macro spark_raw_type(data_type) %}{{ return('string' if data_type.startswith('varchar') else data_type) }}{% endmacro %}

{#- Spectrum's tables, when the contract has changed since they were made. Raw that COPY fills is the operator's. -#}
{% macro redshift__create_raw_tables() %}
    {% if var('redshift_raw', 'spectrum') == 'spectrum' %}
        {% do make_external_tables() if redshift_made_from() != external_tables_md5() %}
    {% endif %}
{% endmacro %}
