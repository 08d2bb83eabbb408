-- SPDX-License-Identifier: Apache-2.0
-- Attempts: LOAD of a library, and a library for every later session.
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

LOAD '/tmp/evil.so';
DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET session_preload_libraries = %L', current_database(), '/tmp/evil.so'); END$$;

--
-- PostgreSQL database dump complete
--

