// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace backproof::test {

// What pg_dump 15.18 -O wrote of a small database, with a shorter key of \restrict.
constexpr std::string_view plain_sample = R"dump(--
-- PostgreSQL database dump
--

\restrict Ab9

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: atom(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.atom(a integer) RETURNS integer
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT
         CASE
             WHEN (a > 0) THEN 1
             ELSE 2
         END AS "case";
 SELECT 3;
END;


--
-- Name: twice(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.twice(n integer) RETURNS integer
    LANGUAGE plpgsql
    AS $_X$ begin return $_$;$_$::text::int; /* ; */ end; $_X$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: odd; "n" x; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public."odd; ""n""
x" (
    a integer
);


--
-- Name: users; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.users (
    id integer NOT NULL,
    name text NOT NULL,
    note text DEFAULT 'a
b\;'::text
);


--
-- Name: TABLE users; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.users IS 'it''s; a "table"
-- PostgreSQL database dump complete
\! true';


--
-- Data for Name: odd; "n" x; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public."odd; ""n""
x" (a) FROM stdin;
7
\.


--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.users (id, name, note) FROM stdin;
1	one	\N
2	\\.	tab\tnl\n;
3	'	--
\.


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);


--
-- Name: users r; Type: RULE; Schema: public; Owner: -
--

CREATE RULE r AS
    ON DELETE TO public.users DO INSTEAD ( SELECT 1 AS "?column?";
 SELECT 2 AS "?column?";
);


--
-- PostgreSQL database dump complete
--

\unrestrict Ab9

)dump";

}  // namespace backproof::test
