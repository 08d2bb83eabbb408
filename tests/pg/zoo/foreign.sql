-- SPDX-License-Identifier: Apache-2.0
-- Foreign data: wrappers, servers, users, tables. Nothing of it answers.
CREATE EXTENSION postgres_fdw;
CREATE EXTENSION file_fdw;
CREATE SCHEMA abroad;
SET search_path = abroad, public;

CREATE FOREIGN DATA WRAPPER silent OPTIONS (debug 'true');
CREATE FOREIGN DATA WRAPPER own HANDLER postgres_fdw_handler VALIDATOR postgres_fdw_validator;
CREATE SERVER zoo_far TYPE 'kind' VERSION '1.2' FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '1', dbname 'it''s');
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE SERVER quiet FOREIGN DATA WRAPPER silent;
CREATE USER MAPPING FOR zoo_keeper SERVER zoo_far OPTIONS (user 'u', password 'a pass''word');
CREATE USER MAPPING FOR PUBLIC SERVER quiet;
CREATE FOREIGN TABLE far (id int OPTIONS (column_name 'ID') NOT NULL, name text COLLATE "C" DEFAULT 'x', CHECK (id > 0)) SERVER zoo_far
  OPTIONS (schema_name 'public', table_name 'the table');
CREATE FOREIGN TABLE passwd (line text) SERVER files OPTIONS (filename '/nonexistent/file', format 'text');
CREATE TABLE near (id int, name text) PARTITION BY LIST (id);
CREATE TABLE near_1 PARTITION OF near FOR VALUES IN (1);
CREATE FOREIGN TABLE near_2 PARTITION OF near FOR VALUES IN (2) SERVER zoo_far;
INSERT INTO near VALUES (1, 'here');
CREATE VIEW of_far AS SELECT * FROM far;
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER on_far BEFORE INSERT ON far FOR EACH ROW EXECUTE FUNCTION nothing();
ALTER SERVER zoo_far OWNER TO zoo_admin;
GRANT USAGE ON FOREIGN DATA WRAPPER silent TO zoo_keeper;
GRANT USAGE ON FOREIGN SERVER zoo_far TO zoo_keeper;
GRANT SELECT ON far TO zoo_visitor;
COMMENT ON FOREIGN DATA WRAPPER silent IS 'says nothing';
COMMENT ON SERVER zoo_far IS 'far away';
COMMENT ON FOREIGN TABLE far IS 'not here';
COMMENT ON COLUMN far.id IS 'a number there';
