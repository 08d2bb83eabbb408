-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a materialized view whose content writes files by lo_export.
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

SELECT pg_catalog.lo_from_bytea(4711, 'owned');
CREATE MATERIALIZED VIEW public.m AS SELECT pg_catalog.lo_export(4711, 'CANARY_FILE') WITH NO DATA;
REFRESH MATERIALIZED VIEW public.m;

--
-- PostgreSQL database dump complete
--

