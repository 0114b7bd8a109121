"""Names that an engine keeps for itself: a table or a column of such a name cannot be written there without quotes.

Spark's (of its ANSI mode) and Athena's words are those of sqlfluff's dialects, Redshift's those of sqlfluff and sqlglot
and the hidden columns that it has from PostgreSQL; DuckDB's are what DuckDB refuses.
tests/contract/test_reserved_words.py compares.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


RESERVED: dict[str, frozenset[str]] = {
    "Redshift": _words(
        """
        aes128 aes256 all allowoverwrite analyse analyze and any append array as asc authorization az64 backup
        between binary blanksasnull both bytedict bzip2 case cast check cmax cmin collate column comprows
        compupdate constraint create credentials cross ctid current_date current_time current_timestamp
        current_user current_user_id datetime default deferrable deflate defrag delimiters delta delta32k desc
        disable distinct do else emptyasnull enable encode encrypt encryption end except explicit explicit_ids
        false fillrecord for foreign freeze from full globaldict256 globaldict64k grant group gzip having
        identity ignore ignoreblanklines ignoreheader ilike in initially inner intersect interval into is
        isnull join leading left like limit localtime localtimestamp lun luns lzo lzop minus mostly16 mostly32
        mostly8 natural new not notnull null nulls off offline offset oid old on only open or order outer
        overlaps parallel partition percent permissions pivot placing primary raw readratio recover references
        rejectlog resort respect restore right runlength select session_user similar snapshot some sysdate
        system table tableoid tag tdes text255 text32k then timestamp to top trailing true truncatecolumns
        type union unique unnest unpivot user using verbose wallet when where with within without xmax xmin
        """
    ),
    "Spark": _words(
        """
        all and any as authorization both case cast check collate column constraint create cross current_date
        current_time current_timestamp current_user else end escape except false fetch filter for foreign from
        full grant group having in inner intersect into is join leading natural not null on only or order
        outer overlaps primary references select session_user some table then to trailing union unique unknown
        user using when where with
        """
    ),
    "Athena": _words(
        """
        all alter and array as authorization between bigint binary boolean both by cache case cast char column
        commit conf constraint create cross cube current current_date current_timestamp cursor database
        decimal delete describe distinct double drop else end exchange exists external extract false fetch
        float floor following for foreign from full function grant group grouping having if ignore import in
        inner insert int integer intersect interval into is join lateral left less like local macro map more
        natural none not null numeric of on only or order out outer over partialscan partition percent
        preceding precision prepare preserve primary procedure range reads reduce references regexp respect
        revoke right rlike rollback rollup rows select set smallint sync table tablesample then to transform
        trigger true truncate unbounded union uniquejoin update using utc_tmestamp values varchar when where
        with
        """
    ),
    "DuckDB": _words(
        """
        all analyse analyze and anti any array as asc asof asymmetric at authorization binary both by case
        cast check collate collation column concurrently constraint create cross default deferrable desc
        describe distinct do else end except false fetch for foreign freeze from full glob group having ilike
        in initially inner intersect into is isnull join lambda lateral leading left like limit natural not
        notnull null offset on only or order outer overlaps pivot pivot_longer pivot_wider placing positional
        primary qualify references returning right select semi show similar some summarize symmetric table
        tablesample then to trailing true union unique unpack unpivot using variadic verbose when where window
        with
        """
    ),
}
