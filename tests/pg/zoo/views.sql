-- SPDX-License-Identifier: Apache-2.0
-- Views and materialized views, on each other.
CREATE SCHEMA windows;
SET search_path = windows;

CREATE TABLE animal (id int PRIMARY KEY, name text, mother int REFERENCES animal, born date, kg numeric);
INSERT INTO animal SELECT g, 'animal ' || g, NULLIF(g / 2, 0), '2000-01-01'::date + g, g * 1.5 FROM generate_series(1, 500) g;
CREATE VIEW heavy AS SELECT id, name, kg FROM animal WHERE kg > 100;
CREATE VIEW heavier AS SELECT * FROM heavy WHERE kg > 200 WITH CASCADED CHECK OPTION;
CREATE VIEW local_check WITH (check_option = local, security_barrier = true) AS SELECT * FROM animal WHERE id < 100;
CREATE VIEW as_caller WITH (security_invoker = true) AS SELECT count(*) AS n FROM animal;
CREATE RECURSIVE VIEW line (id, depth) AS SELECT id, 0 FROM animal WHERE mother IS NULL UNION ALL
  SELECT a.id, l.depth + 1 FROM animal a JOIN line l ON a.mother = l.id;
CREATE VIEW with_default AS SELECT id, name FROM animal;
ALTER VIEW with_default ALTER name SET DEFAULT 'unnamed';
CREATE VIEW "Select; ""All""" ("a b", "c""d") AS SELECT id, name FROM animal;
CREATE VIEW no_columns AS SELECT;
-- Views that need each other: pg_dump writes one of them in two steps.
CREATE VIEW loop_a AS SELECT 1 AS a;
CREATE VIEW loop_b AS SELECT a FROM loop_a;
CREATE OR REPLACE VIEW loop_a AS SELECT 2 AS a;
CREATE FUNCTION of_view(with_default) RETURNS text LANGUAGE sql STABLE AS 'SELECT $1.name';
CREATE VIEW by_function AS SELECT id, name, (SELECT count(*) FROM animal a WHERE a.mother = w.id) AS n FROM with_default w;
CREATE VIEW grouped AS SELECT id, name, kg FROM animal GROUP BY id;
CREATE MATERIALIZED VIEW by_grouped AS SELECT * FROM grouped;
CREATE MATERIALIZED VIEW sums AS SELECT born, sum(kg) AS kg FROM animal GROUP BY born WITH DATA;
CREATE MATERIALIZED VIEW sums_of_sums AS SELECT extract(year FROM born) AS y, sum(kg) AS kg FROM sums GROUP BY 1;
CREATE VIEW on_sums AS SELECT * FROM sums_of_sums JOIN heavy USING (kg);
CREATE MATERIALIZED VIEW on_view AS SELECT count(*) AS n FROM heavier;
CREATE MATERIALIZED VIEW empty AS SELECT * FROM animal WITH NO DATA;
CREATE MATERIALIZED VIEW on_empty AS SELECT * FROM animal WHERE id = 1 WITH NO DATA;
CREATE MATERIALIZED VIEW stored WITH (fillfactor = 80) TABLESPACE zoo_space AS SELECT generate_series(1, 10) AS n;
CREATE INDEX sums_born ON sums (born);
ALTER MATERIALIZED VIEW sums CLUSTER ON sums_born;
CREATE UNIQUE INDEX empty_id ON empty (id);
ALTER MATERIALIZED VIEW sums ALTER born SET STATISTICS 99;
COMMENT ON VIEW heavy IS 'a view';
COMMENT ON COLUMN heavy.kg IS 'its weight';
COMMENT ON MATERIALIZED VIEW sums IS 'kept';
