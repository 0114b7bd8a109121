{#- Gives the records of compaction the partitions of `hours`; with `first` those of all records that there are. -#}
{% macro add_record_partitions(hours, first) %}{{ return(adapter.dispatch('add_record_partitions')(hours, first)) }}{% endmacro %}

{% macro default__add_record_partitions(hours, first) %}
    {{ exceptions.raise_compiler_error("add_record_partitions is not written for " ~ target.type ~ ": add " ~ target.type ~ "__add_record_partitions") }}
{% endmacro %}
