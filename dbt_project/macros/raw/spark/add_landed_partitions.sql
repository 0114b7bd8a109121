{#-
    Each raw table's properties record through which hour it has its partitions (spark_partitions_through): a list of all
    would grow with the history.
-#}
{% macro spark__add_landed_partitions() %}
    {% set through = {'landed_batches': spark_partitions_through('landed_batches')} %}
    {% do check_landing() if through['landed_batches'] | length == 13 %}
    {% set compactions = new_compactions() %}
    {% set ledger_from = spark_lacks_partitions_from('landed_batches', through['landed_batches']) or spark_first_ledger_hour() %}
    {% if not ledger_from %}
        {{ return('') }}
    {% endif %}
    {% set newest = {} %}
    {% for table in topic_tables().values() %}
        {% do through.update({table: spark_partitions_through(table)}) %}
        {% do newest.update({table: spark_lacks_partitions_from(table, through[table])}) %}
    {% endfor %}
    {% set since = (spark_partition_hours('landed_batches') or [ledger_from]) | first if '' in newest.values() else (newest.values() | list + [ledger_from]) | min %}
    {% set reached = add_partitions_since(ledger_from, newest, since, compactions.tables) %}
    {% for table, hour in newest.items() if not hour %}
        {% do reached.setdefault(table, 'none') %}
    {% endfor %}
    {% do spark_note_partitions_through(through, reached) %}
    {% do note_compactions_seen(compactions) %}
{% endmacro %}

{#- A catalog that is made again finds the ledger's partitions by their folders; it begins with the first. -#}
{% macro spark_first_ledger_hour() %}
    {% do run_query("msck repair table raw.landed_batches") %}
    {{ return((spark_partition_hours('landed_batches') or ['']) | first) }}
{% endmacro %}

{#-
    The hour from which a raw table can lack partitions: that through which it has them. '' (all of them) if nothing is
    recorded: a first run that was killed can have left out the hours before those that it added. For a table that had
    none in an earlier run ('none') the folders show what has been published, however late: the first of its hours.
-#}
{% macro spark_lacks_partitions_from(table, through) %}
    {% if through | length == 13 %}
        {{ return(through) }}
    {% elif through == 'none' %}
        {% do run_query("msck repair table raw." ~ table) %}
        {{ return((spark_partition_hours(table) or ['none']) | first) }}
    {% endif %}
    {{ return('') }}
{% endmacro %}
