-- SPDX-License-Identifier: Apache-2.0
-- Values that only the right escaping survives.
CREATE TABLE texts (id int PRIMARY KEY, t text, note text);
INSERT INTO texts VALUES
  (1, '', 'empty'), (2, NULL, 'null'), (3, '\N', 'looks like null'), (4, '\.', 'looks like the end'), (5, E'\\.\n', 'and a line'),
  (6, E'a\n\\.\nb', 'the end in the middle'), (7, E'tab\tnew\nline\rreturn\vvertical\fform\bback', 'all escapes'),
  (8, 'back\slash \\ two \t not a tab \x41 \101', 'backslashes'), (9, '''single'' "double" `back`', 'quotes'),
  (10, '$$ $tag$ $1', 'dollars'), (11, '; -- comment /* x */', 'sql'), (12, 'NULL', 'word'), (13, ' leading and trailing ', 'blanks'),
  (14, E'\u0001\u007f\u0080\u00a0\ufeff\u2028\U0001F418', 'odd letters'), (15, 'ÄÖÜ éè ß Ω 表 الفيل', 'scripts'),
  (16, E'\r\n', 'CRLF'), (17, E'ends with backslash \\', 'backslash'), (18, E'\\\\.', 'two and a dot'), (19, '{1,2}', 'array'),
  (20, E'--\n-- PostgreSQL database dump complete\n--\n', 'the end marker'), (21, E'\\connect other\n', 'a command'),
  (22, E'COPY x FROM stdin;\n1\n\\.\n', 'a copy'), (23, E'\\unrestrict abc', 'another'), (24, repeat(E'\\', 5001), 'many');
CREATE TABLE one_column (t text);
INSERT INTO one_column VALUES (''), (NULL), ('\.'), ('\N'), (E'\n'), (E'\\.\n'), ('--'), ('.'), ('\');
CREATE TABLE bytes (id int, b bytea);
INSERT INTO bytes SELECT g, decode(lpad(to_hex(g), 2, '0'), 'hex') FROM generate_series(0, 255) g;
INSERT INTO bytes VALUES (256, ''), (257, NULL), (258, decode(repeat('000d0a5c2e', 1000), 'hex')), (259, '\x5c2e0a');
CREATE TABLE numbers (id int, r real, d double precision, n numeric, i bigint);
INSERT INTO numbers VALUES (1, 'NaN', 'NaN', 'NaN', 0), (2, 'Infinity', '-Infinity', 'Infinity', 9223372036854775807),
  (3, '-0', '-0', '-Infinity', -9223372036854775808), (4, 1e-45, 5e-324, 1e-1000, 1), (5, 3.4028235e38, 1.7976931348623157e308, 1e1000, 2),
  (6, 0.1, 0.1, 0.10000, 3), (7, 1.0/3, 1.0::float8/3, 1.0/3, 4);
CREATE TABLE large (id int PRIMARY KEY, t text, b bytea);
INSERT INTO large SELECT 1, string_agg(md5(g::text), ' '), NULL FROM generate_series(1, 32000) g;
INSERT INTO large SELECT 2, repeat(E'a\tb\\c\nd', 150000), decode(repeat('00ff', 524288), 'hex');
INSERT INTO large SELECT 3, repeat('x', 1048576), NULL;
CREATE TABLE many_nulls (a int, b int, c int, d text);
INSERT INTO many_nulls SELECT NULL, NULL, NULL, NULL FROM generate_series(1, 500);
CREATE TABLE many_rows (id int PRIMARY KEY, t text);
INSERT INTO many_rows SELECT g, md5(g::text) FROM generate_series(1, 20000) g;
CREATE TABLE "empty" (id int PRIMARY KEY, t text);
