-- SPDX-License-Identifier: Apache-2.0
-- Attempts: rows written over the server's own settings.
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

COPY (SELECT 'archive_command = ''touch CANARY_FILE''') TO 'postgresql.auto.conf';
SELECT pg_catalog.pg_reload_conf();

--
-- PostgreSQL database dump complete
--

