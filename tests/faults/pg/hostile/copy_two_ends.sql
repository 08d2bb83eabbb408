-- SPDX-License-Identifier: Apache-2.0
-- Attempts: text that ends a COPY early in one reader and not in another, with \! behind it.
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

CREATE TABLE public.t (a text);
COPY public.t (a) FROM stdin;
x
\. 
\!touch CANARY_FILE
\.

--
-- PostgreSQL database dump complete
--

