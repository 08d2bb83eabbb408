-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a program by archive_command and by other settings that name programs.
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

ALTER SYSTEM SET archive_command = 'touch CANARY_FILE';
ALTER SYSTEM SET restore_command = 'touch CANARY_FILE';
ALTER SYSTEM SET ssl_passphrase_command = 'touch CANARY_FILE';
SELECT pg_catalog.pg_reload_conf();
SELECT pg_catalog.pg_switch_wal();
CHECKPOINT;

--
-- PostgreSQL database dump complete
--

