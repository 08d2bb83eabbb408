-- SPDX-License-Identifier: Apache-2.0
-- Roles and tablespaces, for the whole cluster; :folder is an empty folder of the server's user.
CREATE ROLE zoo_owner;
CREATE ROLE zoo_keeper LOGIN PASSWORD 'feed the lions' CONNECTION LIMIT 7 VALID UNTIL '2040-01-01 00:00:00+00';
CREATE ROLE zoo_visitor NOLOGIN NOINHERIT;
CREATE ROLE zoo_admin SUPERUSER CREATEDB CREATEROLE REPLICATION BYPASSRLS;
CREATE ROLE "Zoo ""Quoted""; -- role";
CREATE ROLE zoo_forgotten;
CREATE ROLE "zoo_ümläut";
GRANT zoo_visitor TO zoo_keeper WITH ADMIN OPTION;
GRANT zoo_owner TO zoo_keeper;
GRANT zoo_keeper TO "zoo_ümläut" GRANTED BY zoo_admin;
GRANT pg_read_all_data TO zoo_visitor;
COMMENT ON ROLE zoo_owner IS 'owns most of what lives here';
ALTER ROLE zoo_keeper SET work_mem = '8MB';
ALTER ROLE zoo_keeper SET search_path = feeding, "$user", public;
GRANT SET ON PARAMETER log_min_duration_statement TO zoo_keeper;
CREATE TABLESPACE zoo_space OWNER zoo_owner LOCATION :'folder' WITH (random_page_cost = 1.5);
COMMENT ON TABLESPACE zoo_space IS 'a second disk';
GRANT CREATE ON TABLESPACE zoo_space TO zoo_keeper;
