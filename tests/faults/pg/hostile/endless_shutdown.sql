-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a session that holds the server's end up.
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

DO $$BEGIN LOOP BEGIN PERFORM generate_series(1, 1000000); EXCEPTION WHEN OTHERS OR query_canceled THEN NULL; END; END LOOP; END$$;

--
-- PostgreSQL database dump complete
--

