-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a policy and a view that run code for whoever counts rows.
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

CREATE FUNCTION public.evil(integer) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch CANARY_FILE'''; RETURN true;
END $$;
CREATE TABLE public.t (a integer);
COPY public.t (a) FROM stdin;
1
\.
ALTER TABLE public.t ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.t FORCE ROW LEVEL SECURITY;
CREATE POLICY evil ON public.t USING (public.evil(a));
CREATE VIEW public.v AS SELECT public.evil(1);
CREATE RULE evil AS ON UPDATE TO public.t DO ALSO SELECT public.evil(1);

--
-- PostgreSQL database dump complete
--

