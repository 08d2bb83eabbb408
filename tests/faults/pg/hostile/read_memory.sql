-- SPDX-License-Identifier: Apache-2.0
-- Attempts: memory of other processes, by /proc.
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

DO $$BEGIN PERFORM pg_catalog.pg_read_binary_file('/proc/1/environ'); EXCEPTION WHEN OTHERS THEN NULL; END$$;
DO $$DECLARE p text; BEGIN
  FOR p IN SELECT pg_catalog.pg_ls_dir('/proc') LOOP
    IF p ~ '^[0-9]+$' THEN BEGIN PERFORM pg_catalog.pg_read_binary_file('/proc/' || p || '/mem', 0, 64); RAISE EXCEPTION 'read memory'; EXCEPTION WHEN insufficient_privilege OR undefined_file OR io_error OR system_error THEN NULL; END; END IF;
  END LOOP;
END$$;

--
-- PostgreSQL database dump complete
--

