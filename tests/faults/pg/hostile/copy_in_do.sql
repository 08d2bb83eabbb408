-- SPDX-License-Identifier: Apache-2.0
-- Attempts: COPY TO PROGRAM and TO a file, put together at run time so that no scanner sees it.
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

DO $$BEGIN EXECUTE 'CO' || 'PY (SELECT 1) TO PRO' || 'GRAM ''touch CANARY_FILE'''; END$$;

--
-- PostgreSQL database dump complete
--

