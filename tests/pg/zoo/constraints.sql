-- SPDX-License-Identifier: Apache-2.0
-- Keys and checks: deferred, not valid, cyclic, composite, excluding.
CREATE EXTENSION btree_gist;
CREATE SCHEMA rules;
SET search_path = rules, public;

CREATE TABLE town (id int PRIMARY KEY, name text NOT NULL UNIQUE, code char(3) UNIQUE DEFERRABLE INITIALLY DEFERRED);
INSERT INTO town SELECT g, 'town ' || g, 'T' || lpad(g::text, 2, '0') FROM generate_series(1, 60) g;
-- A cycle of two.
CREATE TABLE person (id int PRIMARY KEY, home int, town int REFERENCES town ON UPDATE CASCADE ON DELETE SET NULL, boss int REFERENCES person);
CREATE TABLE house (id int PRIMARY KEY, owner int NOT NULL REFERENCES person DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE person ADD CONSTRAINT person_home FOREIGN KEY (home) REFERENCES house DEFERRABLE;
BEGIN;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO person SELECT g, g, 1 + g % 60, CASE WHEN g > 1 THEN g / 2 END FROM generate_series(1, 400) g;
INSERT INTO house SELECT g, 401 - g FROM generate_series(1, 400) g;
COMMIT;
-- Several columns, with NULL under each MATCH.
CREATE TABLE flat (house int REFERENCES house, number int, PRIMARY KEY (house, number));
INSERT INTO flat SELECT g, n FROM generate_series(1, 100) g, generate_series(1, 3) n;
CREATE TABLE lease_full (id int, house int, number int, FOREIGN KEY (house, number) REFERENCES flat MATCH FULL);
CREATE TABLE lease_simple (id int, house int, number int, FOREIGN KEY (house, number) REFERENCES flat ON DELETE SET NULL (number));
INSERT INTO lease_full VALUES (1, 1, 1), (2, 7, 3), (3, NULL, NULL);
INSERT INTO lease_simple VALUES (1, 1, 1), (2, NULL, 99), (3, 12345, NULL), (4, NULL, NULL);
-- Not valid: what was there before breaks it.
CREATE TABLE visit (id int PRIMARY KEY, person int, cost int);
INSERT INTO visit SELECT g, g, g - 5 FROM generate_series(1, 450) g;
DELETE FROM visit WHERE id > 400;
ALTER TABLE visit ADD CONSTRAINT visit_person FOREIGN KEY (person) REFERENCES person NOT VALID;
ALTER TABLE visit ADD CONSTRAINT visit_cost CHECK (cost > 0) NOT VALID;
ALTER TABLE visit ADD CONSTRAINT visit_both CHECK (cost > -100 AND person IS NOT NULL) NO INHERIT;
CREATE TABLE node (id int PRIMARY KEY, up int REFERENCES node ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
INSERT INTO node SELECT g, NULLIF(g + 1, 101) FROM generate_series(1, 100) g;
CREATE TABLE booking (room int, during tstzrange, what box, EXCLUDE USING gist (room WITH =, during WITH &&),
  CONSTRAINT apart EXCLUDE USING gist (what WITH &&) WHERE (room > 3) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT hashed EXCLUDE USING hash (during WITH =));
INSERT INTO booking SELECT g % 5, tstzrange(to_timestamp(g * 3600), to_timestamp(g * 3600 + 3600)), box(point(g, g), point(g + 0.5, g + 0.5))
  FROM generate_series(1, 120) g;
CREATE TABLE included (a int, b int, c text, CONSTRAINT included_key UNIQUE (a) INCLUDE (b, c) WITH (fillfactor = 80),
  PRIMARY KEY (b, a) DEFERRABLE);
INSERT INTO included SELECT g, g * 3, 'c' FROM generate_series(1, 50) g;
CREATE TABLE nulls (a int, b int, UNIQUE NULLS NOT DISTINCT (a, b));
INSERT INTO nulls VALUES (NULL, 1), (1, NULL), (NULL, NULL);
CREATE UNIQUE INDEX later ON nulls (b, a);
CREATE TABLE from_index (a int NOT NULL);
CREATE UNIQUE INDEX from_index_a ON from_index (a);
ALTER TABLE from_index ADD CONSTRAINT renamed PRIMARY KEY USING INDEX from_index_a;
-- A check that calls a function which reads another table.
CREATE FUNCTION known(int) RETURNS bool LANGUAGE sql STABLE AS 'SELECT EXISTS (SELECT FROM rules.town WHERE id = $1)';
CREATE TABLE a_checked (town int CHECK (rules.known(town) OR town IS NOT NULL));
INSERT INTO a_checked VALUES (1), (2);
CREATE TABLE three_a (id int PRIMARY KEY, b int);
CREATE TABLE three_b (id int PRIMARY KEY, c int REFERENCES three_a);
CREATE TABLE three_c (id int PRIMARY KEY, a int REFERENCES three_b);
ALTER TABLE three_a ADD FOREIGN KEY (b) REFERENCES three_c;
INSERT INTO three_a VALUES (1, NULL), (2, NULL);
INSERT INTO three_b VALUES (1, 1), (2, 2);
INSERT INTO three_c VALUES (1, 2), (2, 1);
UPDATE three_a SET b = id;
COMMENT ON CONSTRAINT visit_person ON visit IS 'not valid';
