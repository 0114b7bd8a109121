-- What dbt-redshift asks a Redshift for and PostgreSQL lacks. Installed once, as superuser, in the stand-in's database.
set allow_system_table_mods = on;

create schema standin;

create function standin.refuse(reason text) returns text language plpgsql as $$
begin
    raise exception using errcode = '0A000', message = reason;
end $$;

-- Spectrum: the files of a landing, and the partitions that somebody has added. Only the latter can be read.
create table standin.partitions (
    table_name text, landed_date date, landed_hour text, location text, primary key (table_name, landed_date, landed_hour)
);
create table standin.external_tables (table_name text primary key, location text, columns text);
create table standin.loaded_files (path text primary key);

create view pg_catalog.svv_external_tables as
select 'raw'::text as schemaname, table_name as tablename, location from standin.external_tables;

create view pg_catalog.svv_external_columns as
select
    null::text as schemaname, null::text as tablename, null::text as columnname, null::text as external_type,
    null::int as columnnum, null::int as part_key, null::text as is_nullable
where false;

create view pg_catalog.svv_table_info as
select
    current_database()::text as database, n.nspname::text as schema, c.oid as table_id, c.relname::text as "table",
    'Y'::text as encoded, 'AUTO(EVEN)'::text as diststyle, null::text as sortkey1, 0 as max_varchar,
    null::text as sortkey1_enc, 0 as sortkey_num, 0::bigint as size, 0.0::numeric as pct_used,
    0.0::numeric as unsorted, 0.0::numeric as stats_off, c.reltuples::numeric as tbl_rows,
    0.0::numeric as skew_sortkey1, 0.0::numeric as skew_rows
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema', 'standin');

-- https://docs.aws.amazon.com/redshift/latest/dg/SYS_QUERY_HISTORY.html, of what runs now.
create view pg_catalog.sys_query_history as
select
    pid as session_id, usename::text as username, query::text as query_text, query_start as start_time,
    case when state = 'active' then 'running' else 'success' end as status
from pg_stat_activity
where backend_type = 'client backend';

-- What DISTKEY and SORTKEY named, for tests to look at.
create table standin.table_keys (oid oid, keys text);

-- The stand-in's late-binding views are PostgreSQL's views, so the other catalogs have them.
create function pg_catalog.pg_get_late_binding_view_cols() returns setof record language sql as $$
    select null::name, null::name, null::name, null::varchar, null::int where false
$$;

-- https://docs.aws.amazon.com/redshift/latest/dg/r_GETDATE.html
create function pg_catalog.getdate() returns timestamp language sql stable as
$$ select date_trunc('second', now() at time zone 'UTC') $$;

-- https://docs.aws.amazon.com/redshift/latest/dg/JSON_EXTRACT_PATH_TEXT.html
create function pg_catalog.json_extract_path_text(json_string varchar, path_elem varchar, null_if_invalid boolean)
returns varchar language plpgsql immutable as $$
begin
    return json_string::json ->> path_elem;
exception when others then
    if null_if_invalid then
        return null;
    end if;
    raise;
end $$;

-- The columns of an external table that is made again, those that its view has first: PostgreSQL adds only behind them.
create function standin.in_place(made text, names text[]) returns text language sql stable as $$
    select string_agg(format('files.%I', n.name), ', ' order by a.attnum, n.nth)
    from unnest(names) with ordinality as n (name, nth)
    left join pg_attribute as a on a.attrelid = to_regclass(made) and a.attname = n.name and a.attnum > 0
$$;

-- https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_VIEW.html: a late-binding view outlives the relations that it
-- names. PostgreSQL's goes with them, so what a cascade has dropped is made again from its text, by name.
create table standin.late_binding_views (oid oid primary key, statement text not null);

-- Redshift keeps no dependencies of them, and dbt asks.
create view standin.pg_depend as
select d.* from pg_catalog.pg_depend as d
left join pg_catalog.pg_rewrite as r on d.objid = r.oid
where r.ev_class is null or r.ev_class not in (select oid from standin.late_binding_views);

create function standin.after_create() returns event_trigger language plpgsql as $$
declare
    made record;
    named text;
begin
    for made in select * from pg_event_trigger_ddl_commands() where object_type in ('table', 'view') loop
        if current_query() like '/*standin:late-binding*/%' then
            insert into standin.late_binding_views values (made.objid, current_query()) on conflict do nothing;
        end if;
        if current_query() like '/*standin:keys %' and array_length(regexp_match(current_query(), 'standin:keys [^ ]'), 1) > 0 then
            insert into standin.table_keys values (made.objid, substring(current_query() from '^/[*]standin:keys ([^ ]*) [*]/'));
        end if;
        foreach named in array string_to_array(coalesce(substring(current_query() from '^/[*]standin:keys ([^ ]*) [*]/'), ''), ',') loop
            if not exists (select 1 from pg_attribute where attrelid = made.objid and attname = named and attnum > 0) then
                raise exception 'column "%" named as distkey or sortkey is not a column of %: name one that is (r_CREATE_TABLE_NEW.html).',
                    named, made.object_identity;
            end if;
        end loop;
    end loop;
end $$;

create function standin.after_drop() returns event_trigger language plpgsql as $$
declare
    lost record;
    remade boolean;
begin
    delete from standin.late_binding_views where oid in (
        select objid from pg_event_trigger_dropped_objects() where object_type = 'view' and original
    );
    create temporary table if not exists standin_lost (name text, statement text) on commit drop;
    delete from standin_lost;
    insert into standin_lost
    select d.object_identity, v.statement
    from pg_event_trigger_dropped_objects() as d
    inner join standin.late_binding_views as v on d.objid = v.oid
    where d.object_type = 'view';
    delete from standin.late_binding_views where oid in (select objid from pg_event_trigger_dropped_objects());
    loop
        remade := false;
        for lost in select * from standin_lost loop
            begin
                execute regexp_replace(
                    lost.statement, '(create\s+(or\s+replace\s+)?view)\s+\S+', '\1 ' || lost.name, 'i'
                );
                insert into standin.late_binding_views values (lost.name::regclass, lost.statement) on conflict do nothing;
                delete from standin_lost where name = lost.name;
                remade := true;
            exception when others then
                null;  -- what it names may be remade first, or is gone: then Redshift's view would fail when it is read
            end;
        end loop;
        exit when not remade;
    end loop;
end $$;

create event trigger standin_create on ddl_command_end when tag in ('CREATE TABLE', 'CREATE TABLE AS', 'CREATE VIEW')
execute function standin.after_create();
create event trigger standin_drop on sql_drop execute function standin.after_drop();
