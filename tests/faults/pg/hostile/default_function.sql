-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a DEFAULT whose function starts a program.
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

CREATE FUNCTION public.evil(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch CANARY_FILE'''; RETURN 1;
END $$;
CREATE TABLE public.t (a integer, b integer DEFAULT public.evil(1));
COPY public.t (a) FROM stdin;
1
\.

--
-- PostgreSQL database dump complete
--

