-- SPDX-License-Identifier: Apache-2.0
-- Attempts: an event trigger that starts a program at the next CREATE.
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

CREATE FUNCTION public.evil() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch CANARY_FILE'''; END$$;
CREATE EVENT TRIGGER evil ON ddl_command_start EXECUTE FUNCTION public.evil();
ALTER EVENT TRIGGER evil ENABLE ALWAYS;
CREATE TABLE public.t (a integer);

--
-- PostgreSQL database dump complete
--

