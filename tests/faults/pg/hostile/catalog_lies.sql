-- SPDX-License-Identifier: Apache-2.0
-- Attempts: rows of the catalog changed by hand, so that it says more than there is.
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

SET allow_system_table_mods = on;
CREATE TABLE public.t (a integer);
UPDATE pg_catalog.pg_class SET relkind = 'v' WHERE relname = 't';
DELETE FROM pg_catalog.pg_proc WHERE proname = 'count';

--
-- PostgreSQL database dump complete
--

