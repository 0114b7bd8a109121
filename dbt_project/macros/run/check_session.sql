{#-
    Refuses a session whose settings would give other rows, before anything is written. The profile sets them; a server of
    one's own may have others.
-#}
{% macro check_session() %}{{ return(adapter.dispatch('check_session')()) }}{% endmacro %}

{% macro default__check_session() %}
    {{ exceptions.raise_compiler_error("check_session is not written for " ~ target.type ~ ": add " ~ target.type ~ "__check_session") }}
{% endmacro %}

{#- https://spark.apache.org/docs/latest/configuration.html#runtime-sql-configuration -#}
{% macro spark__check_session() %}
    {% for name, wanted in spark_settings().items() %}
        {% set found = run_query('set ' ~ name).rows[0][1] | string %}
        {% do refuse_setting(name, found, wanted, "server_side_parameters of the target in profiles/profiles.yml, or in the server's spark-defaults.conf")
            if found | lower not in wanted and not found.startswith('<undefined') %}
    {% endfor %}
{% endmacro %}

{#- {setting: the values, in lower case, with which the project gives its rows}. -#}
{% macro spark_settings() %}
    {{ return({
        'spark.sql.session.timeZone': utc_names(),
        'spark.sql.timestampType': ['timestamp_ltz'],
        'spark.sql.ansi.enabled': ['false'],
        'spark.sql.ansi.doubleQuotedIdentifiers': ['false'],
        'spark.sql.caseSensitive': ['false'],
        'spark.sql.storeAssignmentPolicy': ['ansi'],
        'spark.sql.sources.partitionOverwriteMode': ['static'],
        'spark.sql.hive.filesourcePartitionFileCacheSize': ['0', '0b'],
        'spark.sql.files.ignoreCorruptFiles': ['false'],
        'spark.sql.files.ignoreMissingFiles': ['false'],
        'spark.sql.parser.escapedStringLiterals': ['false'],
        'spark.sql.legacy.timeParserPolicy': ['exception', 'corrected'],
        'spark.sql.legacy.statisticalAggregate': ['false'],
        'spark.sql.decimalOperations.allowPrecisionLoss': ['true'],
    }) }}
{% endmacro %}

{#- https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_ConfigurationRef.html -#}
{% macro redshift__check_session() %}
    {% if adapter.behavior.redshift_skip_autocommit_transaction_statements.no_warn %}
        {% do exceptions.raise_compiler_error(
            "The flag redshift_skip_autocommit_transaction_statements is true, with which no write has a transaction, and no fence holds: set it to false."
        ) %}
    {% endif %}
    {% for name, wanted in {'timezone': utc_names(), 'datestyle': ['iso, mdy', 'iso, dmy', 'iso, ymd', 'iso']}.items() %}
        {% set found = run_query('show ' ~ name).rows[0][0] | string %}
        {% do refuse_setting(name, found, wanted, "alter user " ~ target.user ~ " set " ~ name ~ " to " ~ (wanted | first).split(',')[0]) if found | lower not in wanted %}
    {% endfor %}
{% endmacro %}

{#- https://duckdb.org/docs/stable/configuration/overview -#}
{% macro duckdb__check_session() %}
    {% set wanted = {
        'TimeZone': utc_names(),
        'Calendar': ['gregorian'],
        'default_null_order': ['nulls_last'],
        'default_order': ['ascending', 'asc'],
        'integer_division': ['false'],
        'ieee_floating_point_ops': ['true'],
    } %}
    {% set settings = [] %}
    {% for name in wanted %}
        {% do settings.append("current_setting('" ~ name ~ "')") %}
    {% endfor %}
    {% set found = run_query("select " ~ settings | join(', ')).rows[0] %}
    {% for name, values in wanted.items() %}
        {% do refuse_setting(name, found[loop.index0], values, "settings of the target in profiles/profiles.yml") if found[loop.index0] | string | lower not in values %}
    {% endfor %}
{% endmacro %}

{% macro utc_names() %}
    {{ return(['utc', 'etc/utc', 'z', 'zulu', 'etc/zulu', 'uct', 'etc/uct', 'gmt', 'etc/gmt', '+00:00', 'utc+00:00', 'gmt0']) }}
{% endmacro %}

{% macro refuse_setting(name, found, wanted, how) %}
    {% do exceptions.raise_compiler_error(
        "The session's setting " ~ name ~ " is " ~ found ~ ", with which rows would be lost or differ: set it to " ~ wanted | first ~ " (" ~ how ~ ")."
    ) %}
{% endmacro %}
