-- SPDX-License-Identifier: Apache-2.0
-- options: ENCODING 'SQL_ASCII' LOCALE 'C'
-- Bytes of no encoding: what a database of this kind takes is what it gives.
SET client_encoding = 'SQL_ASCII';
CREATE TABLE bytes (id int PRIMARY KEY, t text);
INSERT INTO bytes SELECT g, chr(g) FROM generate_series(1, 127) g;
INSERT INTO bytes VALUES (200, E'\xe4\xf6\xfc latin'), (201, E'\xc3\xa4 utf-8'), (202, E'\xff\xfe\x80'), (203, E'\x81\x5c sjis');
CREATE TABLE plain (id int PRIMARY KEY, b int REFERENCES bytes);
INSERT INTO plain SELECT g, g FROM generate_series(1, 100) g;
