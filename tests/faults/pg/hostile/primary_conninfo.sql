-- SPDX-License-Identifier: Apache-2.0
-- Attempts: the server made to ask another one for WAL.
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

ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=TCP_PORT';
SELECT pg_catalog.pg_reload_conf();

--
-- PostgreSQL database dump complete
--

