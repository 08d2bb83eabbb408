-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a foreign table that waits for whoever counts its rows.
--
-- PostgreSQL database dump
--

-- Dumped from database version 15.18
-- Dumped by pg_dump version 15.18

SET statement_timeout = 0;
SET lock_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET row_security = off;

CREATE EXTENSION IF NOT EXISTS postgres_fdw WITH SCHEMA public;
CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port 'TCP_PORT', dbname 'x', connect_timeout '2');
CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS ("user" 'x', password 'x');
CREATE FOREIGN TABLE public.f (a integer) SERVER s OPTIONS (schema_name 'public', table_name 't');

--
-- PostgreSQL database dump complete
--

