-- SPDX-License-Identifier: Apache-2.0
-- Attempts: settings of the whole server, and a reload of them.
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

ALTER SYSTEM SET archive_mode = on;
ALTER SYSTEM SET archive_command = 'touch CANARY_FILE';
ALTER SYSTEM SET archive_library = '';
ALTER SYSTEM SET listen_addresses = '*';
SELECT pg_catalog.pg_reload_conf();

--
-- PostgreSQL database dump complete
--

