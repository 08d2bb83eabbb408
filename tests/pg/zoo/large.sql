-- SPDX-License-Identifier: Apache-2.0
-- Tables of more than one piece, whose rows take the way of large tables: every type that has a way
-- of its own, what lies at the edges of each, and rows that only the server can read.
CREATE SCHEMA large;
SET search_path = large, public;
SET TimeZone = 'Europe/Dublin';

CREATE TYPE mood AS ENUM ('sad', 'so-so', 'it''s "fine"');

-- n is mixed so that neighbours have nothing in common.
CREATE TABLE numbers (id bigint PRIMARY KEY, small smallint, middle integer, large bigint, short_float real,
                      long_float double precision, free numeric, price numeric(14,4), whole numeric(30,0), yes boolean NOT NULL);
INSERT INTO numbers
  SELECT n, nullif((n * 7919 % 65536) - 32768, 0), (n * 2654435761 % 4294967296) - 2147483648,
         (n * 1844674407370955 - 9000000000000000) * (1 - n % 2 * 2), n / 7.0 - 300, exp(n % 700) * (1 - n % 2 * 2) / 3,
         CASE n % 5 WHEN 0 THEN NULL ELSE (n * 2654435761 % 1000003)::numeric * (10::numeric ^ ((n % 60) - 30)::int) END,
         (n - 2500) * 1.2345, -n * 10::numeric ^ (n % 24)::int, n % 3 = 0
  FROM generate_series(1, 5000::bigint) AS n;
INSERT INTO numbers VALUES
  (5001, -32768, -2147483648, -9223372036854775808, -3.4028235e38, -1.7976931348623157e308, 0, 0, 0, true),
  (5002, 32767, 2147483647, 9223372036854775807, 1.17549435e-38, 2.2250738585072014e-308, -0.00, -0.0001, 1e29, false),
  (5003, 0, 0, 0, '-0', '-0', 1e-300, 1, 9999, true), (5004, 1, 1, 1, 1e-45, 5e-324, 12345.67890, 9999999999.9999, 10000, true);

CREATE TABLE times (id integer PRIMARY KEY, day date, at timestamp, at_zone timestamptz, coarse timestamptz(2), key uuid);
INSERT INTO times
  SELECT n, '0001-01-01'::date + (n * 7919 % 3652000), '1700-01-01'::timestamp + n * interval '1 month 71:13:17.345678',
         nullif('1850-01-01'::timestamptz + n * interval '12 days 03:04:05.6789', '1850-01-13 03:04:05.6789'),
         '1990-01-01 00:00:00.999'::timestamptz + n * interval '23:45:06.789', md5(n::text)::uuid
  FROM generate_series(1, 5000) AS n;
INSERT INTO times VALUES (5001, '9999-12-31', '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59.999999+00', 'epoch', NULL),
  (5002, '2000-02-29', '2000-01-01 00:00:00', '1999-12-31 23:59:59.000001+00', '2000-01-01 00:00:00.01+00', NULL);

CREATE TABLE texts (id integer PRIMARY KEY, free text, short varchar(40), fixed character(12), how mood, doc jsonb, raw_doc json,
                    bytes bytea, "odd Name, with )" text);
INSERT INTO texts
  SELECT n, repeat(chr(32 + n % 95), n % 90) || CASE n % 8 WHEN 0 THEN E'\t' WHEN 1 THEN E'\n' WHEN 2 THEN E'\r' WHEN 3 THEN '\'
           WHEN 4 THEN '\N' WHEN 5 THEN E'\b\f\v' WHEN 6 THEN '\.' ELSE '' END || repeat('é', n % 7),
         CASE n % 6 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN '  ' ELSE 'ü' || n END, 'c' || n % 1000,
         (ARRAY['sad', 'so-so', 'it''s "fine"'])[1 + n % 3]::mood,
         jsonb_build_object('n', n, 'text', E'a\tb\\c"d', 'list', jsonb_build_array(n, NULL, 1.50, true)),
         ('{"a" :  [1,' || n || '], "a": "\\"}')::json, decode(md5(n::text), 'hex') || '\x005c0a09'::bytea, chr(1 + n % 127)
  FROM generate_series(1, 4000) AS n;
INSERT INTO texts (id, free, bytes) VALUES (4001, '', ''), (4002, '\N', '\x'), (4003, NULL, NULL), (4004, '\x41 \101', '\x00');

-- From the middle on there is what the server alone can read.
CREATE TABLE beyond (id integer PRIMARY KEY, at timestamptz, much numeric, ratio double precision, note text);
INSERT INTO beyond
  SELECT n, CASE WHEN n > 6000 AND n % 3 = 0 THEN (ARRAY['infinity', '-infinity', '0044-03-15 12:00:00+00 BC', '20260-01-01 00:00:00+00'])[1 + n % 4]::timestamptz
              ELSE '2026-11-24'::timestamptz + n * interval '1 s' END,
         CASE WHEN n > 7000 THEN 'NaN'::numeric ELSE n END, CASE WHEN n > 8000 THEN '-Infinity' ELSE n / 3.0 END, repeat('n', n % 60)
  FROM generate_series(1, 10000) AS n;

-- Types without a way of their own, and columns that a dump leaves out.
CREATE TABLE mixed (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, gone integer, many integer[], address inet, body text,
                    twice integer GENERATED ALWAYS AS (length(body) * 2) STORED);
INSERT INTO mixed (gone, many, address, body)
  SELECT n, ARRAY[n, NULL, -n], ('10.0.' || n % 256 || '.0/24')::inet, repeat('body ', 1 + n % 30) FROM generate_series(1, 5000) AS n;
ALTER TABLE mixed DROP COLUMN gone;
CREATE TABLE dropped (first text, gone integer, id bigint, twice bigint GENERATED ALWAYS AS (id * 2) STORED);
INSERT INTO dropped SELECT repeat('first ', 1 + n % 30), n, n FROM generate_series(1, 5000) AS n;
ALTER TABLE dropped DROP COLUMN gone;

-- Row by row there is more to do than to store it.
CREATE FUNCTION is_fine(integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0';
CREATE TABLE checked (id integer CHECK (is_fine(id)), body text);
INSERT INTO checked SELECT n, repeat('body ', 1 + n % 30) FROM generate_series(1, 5000) AS n;
CREATE TABLE parts (id integer, body text) PARTITION BY HASH (id);
CREATE TABLE by_hash_large_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_hash_large_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parts SELECT n, repeat('body ', 1 + n % 30) FROM generate_series(1, 9000) AS n;
CREATE INDEX ON parts (id);
CREATE INDEX times_at ON times (at_zone, day);
CREATE UNIQUE INDEX ON texts (id, short);
ALTER TABLE texts ADD FOREIGN KEY (id) REFERENCES times;
