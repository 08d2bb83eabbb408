-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a CHECK whose function starts a program for each row.
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

CREATE FUNCTION public.evil(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch CANARY_FILE'''; RETURN true;
END $$;
CREATE TABLE public.t (a integer CHECK (public.evil(a)));
COPY public.t (a) FROM stdin;
1
2
\.

--
-- PostgreSQL database dump complete
--

