-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a value that doubles until memory is gone, in many pieces.
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

DO $$DECLARE a text[] := '{}'; BEGIN FOR i IN 1..100000 LOOP a := a || repeat('x', 100000000); END LOOP; END$$;

--
-- PostgreSQL database dump complete
--

