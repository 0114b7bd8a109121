{#-
    build_log: per model, up to which _built_ms it has seen its inputs. Written once at the end of a run.
    run_lock: one row; who is writing, and until when that may be believed (epoch ms).
-#}
{% macro create_state_tables() %}
    {% if not load_relation(state_table('build_log')) %}
        {% do adapter.create_schema(api.Relation.create(database=state_table('run_lock').database, schema=target.schema)) %}
        {% do run_query(create_table_sql(state_table('build_log'), 'model varchar(128), through_ms bigint, invocation_id varchar(64)')) %}
    {% endif %}
    {% if not load_relation(state_table('run_lock')) %}
        {% do run_query(create_table_sql(state_table('run_lock'), 'invocation_id varchar(64), started_ms bigint, expires_ms bigint')) %}
        {% do run_query("insert into " ~ state_table('run_lock') ~ " select cast('' as varchar(64)), cast(0 as bigint), cast(0 as bigint)") %}
    {% endif %}
{% endmacro %}
