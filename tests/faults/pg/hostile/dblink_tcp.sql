-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a connection by dblink (tcp).
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
SELECT public.dblink_connect('host=127.0.0.1 port=TCP_PORT dbname=x user=x connect_timeout=2');

--
-- PostgreSQL database dump complete
--

