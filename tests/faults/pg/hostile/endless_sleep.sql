-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a sleep of a year, which ignores cancellation.
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

DO $$BEGIN LOOP BEGIN PERFORM pg_catalog.pg_sleep(31536000); EXCEPTION WHEN OTHERS OR query_canceled THEN NULL; END; END LOOP; END$$;

--
-- PostgreSQL database dump complete
--

