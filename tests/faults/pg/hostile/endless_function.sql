-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a function that never returns, in a CHECK, with its own limits switched off.
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

SET statement_timeout = 0;
CREATE FUNCTION public.wait(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
LOOP PERFORM 1; END LOOP; RETURN true;
END $$;
CREATE TABLE public.t (a integer CHECK (public.wait(a)));
COPY public.t (a) FROM stdin;
1
\.

--
-- PostgreSQL database dump complete
--

