-- SPDX-License-Identifier: Apache-2.0
-- Attempts: memory of a recursive function.
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

CREATE FUNCTION public.deep(integer) RETURNS integer LANGUAGE plpgsql AS $$DECLARE x text := repeat('x', 10000000); BEGIN RETURN public.deep($1 + 1) + length(x); END$$;
SET max_stack_depth = '100kB';
SELECT public.deep(1);

--
-- PostgreSQL database dump complete
--

