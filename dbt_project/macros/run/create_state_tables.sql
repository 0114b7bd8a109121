{#-
    build_log: per model, up to which _built_ms it has seen its inputs. Written once at the end of a run.
    run_lock: one row (run_lock_row); who is writing, and until when that counts without a renewal (epoch ms).
    built_code: per model, a digest of the code by which it was built (built_code).
    tests_passed: per data test, through which _built_ms it has passed (passed_through).
    passed_by: per topic, up to which batch nobody waits for rows (passed_by).
-#}
{% macro create_state_tables() %}
    {% if not load_relation(state_table('build_log')) %}
        {% do adapter.create_schema(api.Relation.create(database=state_table('run_lock').database, schema=target.schema)) %}
        {% do run_query(create_table_sql(state_table('build_log'), 'model varchar(128), through_ms bigint, invocation_id varchar(64)')) %}
    {% endif %}
    {% if not load_relation(state_table('run_lock')) %}
        {% do create_run_lock() %}
    {% endif %}
    {% if not load_relation(state_table('built_code')) %}
        {% do run_query(create_table_sql(state_table('built_code'), 'model varchar(128), code_md5 varchar(32), built_ms bigint')) %}
    {% endif %}
    {% if not load_relation(state_table('tests_passed')) %}
        {% do create_tests_passed() %}
    {% endif %}
    {% if not load_relation(state_table('passed_by')) %}
        {% do run_query(create_table_sql(state_table('passed_by'), 'topic varchar(249), landed_us bigint, invocation_id varchar(64)')) %}
    {% endif %}
{% endmacro %}
