{#-
    Asks the Glue catalog nothing: raw_state records through which hour each table has its partitions. The first run, for
    which nothing is recorded, asks the ledger's files, since Redshift cannot list S3.
-#}
{% macro redshift__add_landed_partitions() %}
    {% if var('redshift_raw', 'spectrum') != 'spectrum' %}
        {{ return(note_copied_through()) }}
    {% endif %}
    {% set through = redshift_partitions_through() %}
    {% do check_landing() if through['landed_batches'] %}
    {% set compactions = new_compactions() %}
    {% set ledger_from = through['landed_batches'] or redshift_first_ledger_hour() %}
    {% if not ledger_from %}
        {{ return('') }}
    {% endif %}
    {% set newest = {} %}
    {% for table in topic_tables().values() %}
        {% do newest.update({table: through[table] or '1970-01-02 00'}) %}
    {% endfor %}
    {% set reached = add_partitions_since(ledger_from, newest, newest.values() | min, compactions.tables) %}
    {% do note_compactions_seen(compactions) %}
    {% do redshift_note_partitions_through(through, reached) %}
{% endmacro %}

{#- From the table of the ledger's files, which has no partitions. '' if nothing was landed. -#}
{% macro redshift_first_ledger_hour() %}
    {% set first = run_query('select min(' ~ epoch_us('_landed_at') ~ ') from "raw".landed_batches_files').rows[0][0] %}
    {{ return(hour_text(moment(first)) if first else '') }}
{% endmacro %}
