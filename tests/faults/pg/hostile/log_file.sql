-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a log of the server that is written elsewhere.
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

ALTER SYSTEM SET logging_collector = on;
ALTER SYSTEM SET log_directory = '/tmp';
ALTER SYSTEM SET log_filename = 'CANARY_FILE';
SELECT pg_catalog.pg_reload_conf();
SELECT pg_catalog.pg_rotate_logfile();

--
-- PostgreSQL database dump complete
--

