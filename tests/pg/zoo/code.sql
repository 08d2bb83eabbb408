-- SPDX-License-Identifier: Apache-2.0
-- Functions, procedures, aggregates, operators with their classes and families, conversions, languages.
CREATE SCHEMA craft;
SET search_path = craft;

CREATE FUNCTION plain_sql(a int, b int DEFAULT 2, VARIADIC rest int[] DEFAULT '{}') RETURNS int
  LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 7 AS $$ SELECT a + b + coalesce(array_length(rest, 1), 0) -- ; no end
$$;
CREATE FUNCTION atomic(a int, OUT double int, OUT half numeric) LANGUAGE sql STABLE BEGIN ATOMIC
  SELECT a * 2 AS double, a / 2.0 AS half;
END;
CREATE FUNCTION one_line(a text) RETURNS text LANGUAGE sql IMMUTABLE STRICT RETURN upper(a) || ';';
CREATE FUNCTION quoting() RETURNS text LANGUAGE plpgsql AS $outer$
DECLARE s text := $in$ it's "quoted"; $in$; t text := E'back\\slash \' ; ';
BEGIN
  -- a comment; with a semicolon and 'a quote
  /* and /* a nested */ one; */
  EXECUTE format($$ SELECT %L || $x$ ; $x$ $$, s) INTO t;
  RETURN t;
EXCEPTION WHEN others THEN RETURN NULL;
END $outer$;
CREATE FUNCTION looks_like_a_dump() RETURNS text LANGUAGE sql AS $_$ SELECT '
COPY public.t (a) FROM stdin;
1
\.

--
-- PostgreSQL database dump complete
--

\connect postgres
' $_$;
CREATE FUNCTION rows_of(n int) RETURNS TABLE (i int, "The Name" text) LANGUAGE sql ROWS 50 AS 'SELECT g, g::text FROM generate_series(1, n) g';
CREATE FUNCTION any_one(anyelement, anyarray) RETURNS anyelement LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION set_for_it() RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = craft, pg_temp
  SET work_mem = '1MB' SET DateStyle = 'ISO, DMY' AS 'SELECT current_setting(''search_path'')';
CREATE FUNCTION leakless(int) RETURNS bool LANGUAGE internal LEAKPROOF STRICT IMMUTABLE WINDOW AS 'window_row_number';
CREATE FUNCTION by_library(text) RETURNS text LANGUAGE c STRICT AS '$libdir/citext', 'citext_hash';
CREATE FUNCTION supported(int) RETURNS int LANGUAGE sql COST 1 AS 'SELECT $1';
CREATE PROCEDURE work(INOUT n int, IN t text DEFAULT 'x') LANGUAGE plpgsql AS $$BEGIN n := n + length(t); COMMIT; END$$;
CREATE PROCEDURE atomic_work(n int) LANGUAGE sql BEGIN ATOMIC SELECT craft.plain_sql(n); SELECT 1; END;
CREATE FUNCTION overloaded(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION overloaded(text) RETURNS int LANGUAGE sql AS 'SELECT 2';
CREATE FUNCTION overloaded(int, text) RETURNS int LANGUAGE sql AS 'SELECT 3';
-- Each needs the other's result type.
CREATE TABLE depends (id int PRIMARY KEY, v text);
INSERT INTO depends SELECT g, 'v' || g FROM generate_series(1, 30) g;
CREATE FUNCTION of_table(depends) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1.v';
CREATE INDEX depends_of_table ON depends (of_table(depends.*));
CREATE FUNCTION grouped() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM depends GROUP BY id; END;

CREATE FUNCTION avg_step(numeric[], numeric) RETURNS numeric[] LANGUAGE sql IMMUTABLE AS 'SELECT ARRAY[$1[1] + $2, $1[2] + 1]';
CREATE FUNCTION avg_back(numeric[], numeric) RETURNS numeric[] LANGUAGE sql IMMUTABLE AS 'SELECT ARRAY[$1[1] - $2, $1[2] - 1]';
CREATE FUNCTION avg_end(numeric[]) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT $1[1] / nullif($1[2], 0)';
CREATE FUNCTION avg_join(numeric[], numeric[]) RETURNS numeric[] LANGUAGE sql IMMUTABLE AS 'SELECT ARRAY[$1[1] + $2[1], $1[2] + $2[2]]';
CREATE AGGREGATE my_avg(numeric) (SFUNC = avg_step, STYPE = numeric[], FINALFUNC = avg_end, INITCOND = '{0,0}',
  COMBINEFUNC = avg_join, PARALLEL = safe, MSFUNC = avg_step, MINVFUNC = avg_back, MSTYPE = numeric[], MFINALFUNC = avg_end, MINITCOND = '{0,0}');
CREATE AGGREGATE my_percentile(float8 ORDER BY anyelement) (SFUNC = ordered_set_transition, STYPE = internal,
  FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
CREATE AGGREGATE my_max(int) (SFUNC = int4larger, STYPE = int4, SORTOP = >);
CREATE AGGREGATE hypothetical(VARIADIC "any" ORDER BY VARIADIC "any") (SFUNC = ordered_set_transition_multi, STYPE = internal,
  FINALFUNC = rank_final, FINALFUNC_EXTRA, HYPOTHETICAL);

CREATE TYPE ratio AS (a int, b int);
CREATE FUNCTION ratio_lt(ratio, ratio) RETURNS bool LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1.a * $2.b < $2.a * $1.b';
CREATE FUNCTION ratio_le(ratio, ratio) RETURNS bool LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1.a * $2.b <= $2.a * $1.b';
CREATE FUNCTION ratio_eq(ratio, ratio) RETURNS bool LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1.a * $2.b = $2.a * $1.b';
CREATE FUNCTION ratio_ge(ratio, ratio) RETURNS bool LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1.a * $2.b >= $2.a * $1.b';
CREATE FUNCTION ratio_gt(ratio, ratio) RETURNS bool LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1.a * $2.b > $2.a * $1.b';
CREATE FUNCTION ratio_cmp(ratio, ratio) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS 'SELECT sign($1.a * $2.b - $2.a * $1.b)::int';
CREATE OPERATOR #< (LEFTARG = ratio, RIGHTARG = ratio, FUNCTION = ratio_lt, COMMUTATOR = #>, NEGATOR = #>=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR #<= (LEFTARG = ratio, RIGHTARG = ratio, FUNCTION = ratio_le, COMMUTATOR = #>=, NEGATOR = #>);
CREATE OPERATOR #= (LEFTARG = ratio, RIGHTARG = ratio, FUNCTION = ratio_eq, COMMUTATOR = #=, MERGES);
CREATE OPERATOR #>= (LEFTARG = ratio, RIGHTARG = ratio, FUNCTION = ratio_ge, COMMUTATOR = #<=, NEGATOR = #<);
CREATE OPERATOR #> (LEFTARG = ratio, RIGHTARG = ratio, FUNCTION = ratio_gt, COMMUTATOR = #<, NEGATOR = #<=);
CREATE OPERATOR !@ (RIGHTARG = int, FUNCTION = pg_catalog.int4abs);
CREATE OPERATOR FAMILY ratio_family USING btree;
CREATE OPERATOR CLASS ratio_class DEFAULT FOR TYPE ratio USING btree FAMILY ratio_family AS
  OPERATOR 1 #<, OPERATOR 2 #<=, OPERATOR 3 #=, OPERATOR 4 #>=, OPERATOR 5 #>, FUNCTION 1 ratio_cmp(ratio, ratio);
CREATE OPERATOR FAMILY loose USING btree;
ALTER OPERATOR FAMILY loose USING btree ADD OPERATOR 1 pg_catalog.<(bigint, integer), OPERATOR 3 pg_catalog.=(bigint, integer) ,
  FUNCTION 1 (bigint, integer) pg_catalog.btint84cmp(bigint, integer);
CREATE OPERATOR CLASS storing FOR TYPE int[] USING gin AS OPERATOR 1 pg_catalog.&&(anyarray, anyarray), FUNCTION 1 btint4cmp(int, int),
  FUNCTION 2 ginarrayextract(anyarray, internal, internal), FUNCTION 3 ginqueryarrayextract(anyarray, internal, smallint, internal, internal, internal, internal),
  FUNCTION 4 ginarrayconsistent(internal, smallint, anyarray, int, internal, internal, internal, internal), STORAGE int;
CREATE TABLE ratios (r ratio, PRIMARY KEY (r));
INSERT INTO ratios SELECT ROW(g, 101)::ratio FROM generate_series(1, 50) g;

CREATE CONVERSION my_conversion FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE DEFAULT CONVERSION my_default FOR 'LATIN2' TO 'UTF8' FROM iso8859_to_utf8;
CREATE FUNCTION other_call() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE FUNCTION other_inline(internal) RETURNS void LANGUAGE c STRICT AS '$libdir/plpgsql', 'plpgsql_inline_handler';
CREATE FUNCTION other_validator(oid) RETURNS void LANGUAGE c STRICT AS '$libdir/plpgsql', 'plpgsql_validator';
CREATE TRUSTED LANGUAGE plother HANDLER other_call INLINE other_inline VALIDATOR other_validator;
CREATE FUNCTION in_other() RETURNS int LANGUAGE plother AS 'BEGIN RETURN 5; END';
CREATE FUNCTION from_sql(internal) RETURNS internal LANGUAGE internal AS 'prsd_lextype';
CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION int4recv(internal));
CREATE CAST (ratio AS numeric) WITH INOUT AS ASSIGNMENT;
ALTER FUNCTION supported(int) OWNER TO zoo_keeper;
ALTER FUNCTION supported(int) DEPENDS ON EXTENSION plpgsql;

COMMENT ON FUNCTION plain_sql(int, int, int[]) IS 'adds';
COMMENT ON PROCEDURE work(int, text) IS 'works';
COMMENT ON AGGREGATE my_avg(numeric) IS 'means';
COMMENT ON AGGREGATE my_percentile(float8 ORDER BY anyelement) IS 'ordered';
COMMENT ON OPERATOR #< (ratio, ratio) IS 'less';
COMMENT ON OPERATOR !@ (NONE, int) IS 'prefix';
COMMENT ON OPERATOR CLASS ratio_class USING btree IS 'orders';
COMMENT ON OPERATOR FAMILY ratio_family USING btree IS 'relatives';
COMMENT ON CONVERSION my_conversion IS 'converts';
COMMENT ON LANGUAGE plother IS 'by another name';
COMMENT ON TRANSFORM FOR int LANGUAGE sql IS 'transforms';
COMMENT ON CAST (ratio AS numeric) IS 'by text';
