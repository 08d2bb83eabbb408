-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a table that grows until the disk is full.
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

CREATE TABLE public.t AS SELECT repeat(md5(g::text), 300) AS x FROM generate_series(1, 1000000000) AS g;

--
-- PostgreSQL database dump complete
--

