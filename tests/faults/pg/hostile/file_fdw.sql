-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a file outside as a foreign table, and a program as one.
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

CREATE EXTENSION IF NOT EXISTS file_fdw WITH SCHEMA public;
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE public.f (line text) SERVER files OPTIONS (program 'touch CANARY_FILE');
CREATE MATERIALIZED VIEW public.m AS SELECT * FROM public.f WITH NO DATA;
REFRESH MATERIALIZED VIEW public.m;

--
-- PostgreSQL database dump complete
--

