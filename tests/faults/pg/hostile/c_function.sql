-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a C function from a library that the dump has written itself.
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

SELECT pg_catalog.lo_from_bytea(4712, '\x7f454c46');
SELECT pg_catalog.lo_export(4712, '/tmp/evil.so');
CREATE FUNCTION public.evil() RETURNS integer LANGUAGE c AS '/tmp/evil.so', 'evil';
SELECT public.evil();

--
-- PostgreSQL database dump complete
--

