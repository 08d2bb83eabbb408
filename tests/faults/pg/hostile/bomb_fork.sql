-- SPDX-License-Identifier: Apache-2.0
-- Attempts: processes that start more processes, by parallel workers and by connections to itself.
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

CREATE EXTENSION IF NOT EXISTS dblink WITH SCHEMA public;
DO $$BEGIN FOR i IN 1..2000 LOOP PERFORM public.dblink_connect('c' || i, 'dbname=postgres'); END LOOP; END$$;

--
-- PostgreSQL database dump complete
--

