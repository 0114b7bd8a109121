"""Tables of PostgreSQL's catalog that DuckDB lacks, or fills with type ids of its own, as queries of DuckDB.

The columns are those that psql, JDBC's driver and DBeaver ask for.
"""

from __future__ import annotations

VERSION = "14.0"  # of PostgreSQL, to which clients fit their catalog queries
# What SHOW and pg_settings answer.
SHOWN = {
    "client_encoding": "UTF8",
    "datestyle": "ISO, MDY",
    "default_table_access_method": "art",
    "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "off",
    "integer_datetimes": "on",
    "intervalstyle": "postgres",
    "lc_collate": "C",
    "lc_ctype": "C",
    "max_identifier_length": "63",
    "max_index_keys": "32",
    "server_encoding": "UTF8",
    "server_version": VERSION,
    "server_version_num": "140000",
    "standard_conforming_strings": "on",
    "statement_timeout": "0",
    "transaction_isolation": "read committed",
    "transaction_read_only": "off",
    "timezone": "UTC",
}
# id, name, length, category, id of the array of it: as in PostgreSQL's pg_type.dat, of the types that door sends.
_TYPES = (
    (16, "bool", 1, "B", 1000),
    (17, "bytea", -1, "U", 0),
    (20, "int8", 8, "N", 1016),
    (21, "int2", 2, "N", 1005),
    (23, "int4", 4, "N", 1007),
    (25, "text", -1, "S", 1009),
    (114, "json", -1, "U", 0),
    (700, "float4", 4, "N", 0),
    (701, "float8", 8, "N", 1022),
    (1043, "varchar", -1, "S", 0),
    (1082, "date", 4, "D", 1182),
    (1083, "time", 8, "D", 0),
    (1114, "timestamp", 8, "D", 1115),
    (1184, "timestamptz", 8, "D", 1185),
    (1186, "interval", 16, "T", 0),
    (1700, "numeric", -1, "N", 1231),
    (1000, "_bool", -1, "A", 0),
    (1005, "_int2", -1, "A", 0),
    (1007, "_int4", -1, "A", 0),
    (1009, "_text", -1, "A", 0),
    (1016, "_int8", -1, "A", 0),
    (1022, "_float8", -1, "A", 0),
    (1115, "_timestamp", -1, "A", 0),
    (1182, "_date", -1, "A", 0),
    (1185, "_timestamptz", -1, "A", 0),
    (1231, "_numeric", -1, "A", 0),
)
_ELEMENTS = {array: oid for oid, _, _, _, array in _TYPES if array}
_TYPE_ROWS = (
    "select *, 0 as typnamespace, 10 as typowner, 'b' as typtype, false as typispreferred, true as typisdefined, "
    "',' as typdelim, 0 as typrelid, case when typcategory = 'A' then 'array_in' else typname || 'in' end as typinput, "
    "'' as typoutput, false as typbyval, false as typnotnull, 0 as typbasetype, -1 as typtypmod, 0 as typndims, "
    "0 as typcollation, null::varchar as typdefault, null::varchar as typacl from (values "
    + ", ".join(f"({o}, '{n}', {size}, '{c}', {a}, {_ELEMENTS.get(o, 0)})" for o, n, size, c, a in _TYPES)
    + ") as kinds(oid, typname, typlen, typcategory, typarray, typelem)"
)
_ATTRIBUTES = """
select
    table_oid as attrelid, column_name as attname,
    case
        when data_type like '%[]' then case split_part(data_type, '[', 1)
            when 'BIGINT' then 1016 when 'INTEGER' then 1007 when 'DOUBLE' then 1022 else 1009 end
        when data_type like 'DECIMAL%' or data_type like '%HUGEINT' or data_type = 'UBIGINT' then 1700
        when data_type like 'STRUCT%' or data_type like 'MAP%' then 114
        when data_type like 'TIMESTAMP WITH TIME%' then 1184
        when data_type like 'TIMESTAMP%' then 1114
        when data_type in ('BIGINT', 'UINTEGER') then 20
        when data_type in ('SMALLINT', 'TINYINT', 'UTINYINT') then 21
        when data_type in ('INTEGER', 'USMALLINT') then 23
        else case data_type
            when 'BOOLEAN' then 16 when 'BLOB' then 17 when 'FLOAT' then 700 when 'DOUBLE' then 701
            when 'DATE' then 1082 when 'TIME' then 1083 when 'INTERVAL' then 1186 else 25 end
    end as atttypid,
    -1 as attstattarget, -1 as attlen, column_index as attnum, 0 as attndims,
    case when data_type like 'DECIMAL%' then numeric_precision * 65536 + numeric_scale + 4 else -1 end as atttypmod,
    not is_nullable as attnotnull, false as atthasdef, false as atthasmissing, '' as attidentity, '' as attgenerated,
    false as attisdropped, true as attislocal, 0 as attinhcount, 0 as attcollation, 'p' as attstorage,
    '' as attcompression, null::varchar as attacl, null::varchar as attoptions, null::varchar as attfdwoptions,
    null::varchar as attmissingval
from duckdb_columns() where database_name = current_database() and not internal
"""
_NO_ROWS = {
    "pg_inherits": "inhrelid, inhparent, inhseqno, inhdetachpending boolean",
    "pg_policy": "oid, polrelid, polname, polcmd, polpermissive, polroles bigint[], polqual, polwithcheck",
    "pg_trigger": "oid, tgrelid, tgname, tgisinternal, tgenabled, tgparentid, tgconstraint",
    "pg_extension": "oid, extname, extversion, extnamespace",
    "pg_partitioned_table": "partrelid, partstrat, partnatts",
    "pg_shdescription": "objoid, classoid, description",
    "pg_matviews": "schemaname, matviewname, matviewowner, definition",
    "pg_stat_activity": "pid, usename, datname, state, query",
    "pg_stat_user_tables": "relid, schemaname, relname, n_live_tup",
    "pg_statistic_ext": "oid, stxrelid, stxnamespace, stxname, stxkeys, stxkind varchar[], stxstattarget",
    "pg_publication": "oid, pubname, puballtables, pubviaroot",
    "pg_publication_rel": "oid, prpubid, prrelid, prqual, prattrs",
    "pg_publication_namespace": "oid, pnpubid, pnnspid",
    "pg_foreign_table": "ftrelid, ftserver, ftoptions",
    "pg_foreign_server": "oid, srvname",
    "pg_event_trigger": "oid, evtname",
    "pg_rewrite": "oid, ev_class, rulename",
    "pg_language": "oid, lanname",
    "pg_aggregate": "aggfnoid",
    "pg_range": "rngtypid, rngsubtype",
    "pg_auth_members": "roleid, member, grantor, admin_option",
    "pg_db_role_setting": "setdatabase, setrole, setconfig",
    "pg_statistic_ext_data": "stxoid",
    "pg_default_acl": "oid, defaclrole, defaclnamespace, defaclobjtype, defaclacl",
    "pg_operator": "oid, oprname",
    "pg_sequence": "seqrelid bigint, seqtypid, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle boolean",
    "pg_collation": "oid bigint, collname, collnamespace bigint, collprovider",
    "pg_opclass": "oid, opcname, opcdefault boolean",
}
_ROLES = """
select
    10 as oid, 'owner' as rolname, true as rolsuper, true as rolinherit, true as rolcreaterole, true as rolcreatedb,
    true as rolcanlogin, false as rolreplication, -1 as rolconnlimit, null as rolvaliduntil, false as rolbypassrls,
    null as rolconfig
union all select 11, 'reader', false, true, false, false, true, false, -1, null, false, null
"""


def _without_rows(columns: str) -> str:
    """A query without rows; the columns are texts, or of the type behind their name."""
    parts = [[*column.split(" "), "varchar"][:2] for column in columns.split(", ")]
    return "select " + ", ".join(f"null::{kind} as {name}" for name, kind in parts) + " where false"


TABLES = {name: _without_rows(columns) for name, columns in _NO_ROWS.items()} | {
    "pg_roles": _ROLES,
    "pg_authid": _ROLES,
    "pg_database": (
        "select oid, datname, 10 as datdba, 6 as encoding, 'c' as datlocprovider, 'C' as datcollate, 'C' as datctype, "
        "null::varchar as daticulocale, null::varchar as daticurules, false as datistemplate, true as datallowconn, "
        "-1 as datconnlimit, 0 as dattablespace, null::varchar as datacl from pg_catalog.pg_database "
        "where datname = current_database()"
    ),
    "pg_class": (
        "select * exclude (reloptions), null::varchar[] as reloptions, false as relforcerowsecurity, 0 as tableoid "
        "from pg_catalog.pg_class"
    ),
    "pg_type": _TYPE_ROWS,
    "pg_attribute": _ATTRIBUTES,
    "pg_get_keywords": "select keyword_name as word, 'U' as catcode, '' as catdesc from duckdb_keywords()",
    "pg_settings": " union all ".join(
        f"select '{name}' as name, '{value}' as setting, '' as short_desc, 'user' as context"
        for name, value in SHOWN.items()
    ),
    "pg_user": f"select rolname as usename, oid as usesysid, rolsuper as usesuper from ({_ROLES})",
}
_CATALOG_COLUMN = {
    "tables": "table_catalog",
    "columns": "table_catalog",
    "views": "table_catalog",
    "schemata": "catalog_name",
}
TABLES |= {
    f"information_schema.{name}": f"select * from information_schema.{name} where {column} = current_database()"
    for name, column in _CATALOG_COLUMN.items()
}
