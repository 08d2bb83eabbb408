-- SPDX-License-Identifier: Apache-2.0
-- Every built-in type, and those that a user can make: domains, enums, ranges, composites, arrays.
CREATE SCHEMA kinds;
SET search_path = kinds, public;

CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s fine', 'happy');
ALTER TYPE mood ADD VALUE 'weary' BEFORE 'ok';
CREATE TYPE empty_enum AS ENUM ();
CREATE TYPE nothing AS ();
CREATE TYPE point3 AS (x double precision, y double precision, z numeric(10,3), label text COLLATE "C");
CREATE TYPE nested AS (at point3, moods mood[], "Odd Name" text);
CREATE DOMAIN positive AS integer DEFAULT 1 CONSTRAINT positive_check CHECK (VALUE > 0);
CREATE DOMAIN short_text AS varchar(20) COLLATE "C" NOT NULL CHECK (VALUE ~ '^[a-z ]*$');
CREATE DOMAIN of_domain AS positive CHECK (VALUE < 1000);
ALTER DOMAIN of_domain ADD CONSTRAINT not_yet CHECK (VALUE <> 13) NOT VALID;
CREATE DOMAIN grid AS integer[] CHECK (array_ndims(VALUE) = 2);
CREATE TYPE float_range AS RANGE (subtype = float8, subtype_diff = float8mi, multirange_type_name = float_ranges);
CREATE TYPE text_range AS RANGE (subtype = text, collation = "C");


-- A base type that borrows everything from int4.
CREATE TYPE int42;
CREATE FUNCTION int42_in(cstring) RETURNS int42 LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION int42_out(int42) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE int42 (INPUT = int42_in, OUTPUT = int42_out, INTERNALLENGTH = 4, ALIGNMENT = int4,
                   STORAGE = plain, DEFAULT = '42', PASSEDBYVALUE, CATEGORY = 'N', DELIMITER = ';');
CREATE TYPE text_default;
CREATE FUNCTION text_default_in(cstring) RETURNS text_default LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION text_default_out(text_default) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE text_default (INPUT = text_default_in, OUTPUT = text_default_out, INTERNALLENGTH = variable,
                          ALIGNMENT = int4, STORAGE = extended, DEFAULT = 'zippo');
CREATE TYPE never_defined;

CREATE TABLE built_in (
  id integer PRIMARY KEY, a_bool boolean, a_small smallint, a_big bigint, a_real real, a_double double precision,
  a_numeric numeric, a_price numeric(12,4), a_money money, a_char character(5), a_one "char", a_name name,
  a_varchar varchar(30), a_text text, a_bytea bytea, a_bit bit(7), a_varbit bit varying(20), a_date date,
  a_time time, a_time3 time(3), a_timetz timetz, a_stamp timestamp, a_stamptz timestamptz(2), an_interval interval,
  a_span interval hour to minute, a_uuid uuid, a_json json, a_jsonb jsonb, a_path jsonpath, an_xml xml, an_inet inet,
  a_cidr cidr, a_mac macaddr, a_mac8 macaddr8, a_point point, a_line line, a_lseg lseg, a_box box, a_way path,
  a_polygon polygon, a_circle circle, a_vector tsvector, a_query tsquery, an_oid oid, a_class regclass, a_type regtype,
  a_proc regprocedure, a_role regrole, a_lsn pg_lsn, a_snapshot pg_snapshot, a_tid tid, an_xid8 xid8,
  a_range int4range, a_nrange numrange, a_drange daterange, a_tsrange tstzrange, many int8multirange, many_dates datemultirange);
INSERT INTO built_in VALUES (1, true, -32768, 9223372036854775807, 1.17549435e-38, 1.7976931348623157e308,
  12345678901234567890.123456789012345678901234567890, 99999999.9999, '$-1,234.56', 'abc', 'x', 'a name', 'varying',
  'text', '\x00ff5c27', B'1010101', B'110', '4713-01-01 BC', '24:00:00', '23:59:59.999', '23:59:59.999999+15:59',
  '294276-12-31 23:59:59.999999', '2026-11-23 20:52:03.12+01', '-178000000 years 1 mon -3 days 04:05:06.789', '30:00',
  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a" :  [1, 2,  {"b": null}], "a": 2}', '{"k": "v \u00e9", "n": 1.50}',
  '$.a[*] ? (@ > 1)', '<a b="c">d<!-- e --></a>', '::ffff:1.2.3.4/96', '2001:db8::/32', '08:00:2b:01:02:03',
  '08:00:2b:01:02:03:04:05', '(1.5,-2)', '{1,-1,0}', '[(0,0),(1,1)]', '(2,2),(0,0)', '[(0,0),(1,1),(2,0)]',
  '((0,0),(1,1),(2,0))', '<(1,2),3>', '''a b'':1A fat:2B,4C', 'fat & (rat | ''c d'':*A) <-> !x', 4294967295,
  'pg_class', 'integer', 'lower(text)', 'postgres', '16/B374D848', '10:20:10,14,15', '(0,1)', '18446744073709551615',
  '[1,10)', '(,1.5]', 'empty', '[2026-01-01 00:00+00,)', '{[1,3),[5,7)}', '{}');
INSERT INTO built_in (id) VALUES (2);
INSERT INTO built_in (id, a_real, a_double, a_numeric, a_date, a_stamp, a_stamptz, a_text, a_range, a_nrange) VALUES
  (3, 'NaN', 'Infinity', 'NaN', 'infinity', '-infinity', 'infinity', '', 'empty', '(,)'),
  (4, '-Infinity', '-0', 'Infinity', '-infinity', 'infinity', '-infinity', '\N', '(,5)', '[1.0,1.00]'),
  (5, 0, 5e-324, '-Infinity', 'epoch', '0001-01-01 00:00:00 BC', '1900-01-01 00:00:00+00', 'NULL', '[,]', NULL);

CREATE TABLE made (
  id int GENERATED ALWAYS AS IDENTITY, m mood DEFAULT 'happy', ms mood[], p point3, ps point3[], n nested,
  d positive, s short_text DEFAULT 'none', o of_domain, g grid, f float_range, fs float_ranges, t text_range,
  i42 int42 DEFAULT '42', td text_default, e empty_enum, no nothing, a int[], a2 int[][], at text[], row built_in);
INSERT INTO made (ms, p, ps, n, d, s, o, g, f, fs, t, i42, td, no, a, a2, at, row)
  SELECT '{sad,"it''s fine",NULL}'::mood[], ROW(1.5, 'NaN', 3.125, E'back\\slash "quote", (paren)')::point3, ARRAY[ROW(1,2,3,NULL)::point3, NULL],
    ROW(ROW(0,0,0,''), '{}', E'tab\there\nand line')::nested, g, 'abc', 7, ARRAY[[1,2],[3,4]], '[1.5,2.5)',
    '{[1,2],(3,4)}', '["a b",c)', '17', 'x', '()', '[0:2]={1,NULL,3}', '{{1,2},{3,4}}',
    ARRAY['', NULL, 'NULL', 'with "quotes"', E'back\\slash', '{braces}', 'co,mma', E'new\nline'], b
  FROM generate_series(1, 20) g, built_in b WHERE b.id = 1 + g % 5;
CREATE TABLE of_type OF point3 (PRIMARY KEY (x, y), z WITH OPTIONS DEFAULT 3);
INSERT INTO of_type VALUES (1, 2, DEFAULT, 'typed');
ALTER TYPE point3 ADD ATTRIBUTE more mood CASCADE;
CREATE TABLE no_columns ();
INSERT INTO no_columns SELECT FROM generate_series(1, 5);
CREATE CAST (int42 AS integer) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE CAST (mood AS integer) WITH INOUT;
CREATE FUNCTION to_int(point3) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT ($1).x::integer';
CREATE CAST (point3 AS integer) WITH FUNCTION to_int(point3) AS IMPLICIT;

COMMENT ON TYPE mood IS 'how an animal feels';
COMMENT ON TYPE point3 IS 'somewhere';
COMMENT ON COLUMN point3.label IS 'what is there';
COMMENT ON DOMAIN positive IS 'more than nothing';
COMMENT ON CONSTRAINT positive_check ON DOMAIN positive IS 'zero is nothing';
COMMENT ON TYPE float_range IS 'from here to there';
COMMENT ON CAST (int42 AS integer) IS 'the same bits';
COMMENT ON SCHEMA kinds IS 'all kinds of values';
COMMENT ON COLUMN built_in.a_text IS E'a comment with ''quotes'', a\nnewline and a \\ backslash';
