--
-- PostgreSQL database dump
--


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

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: pet; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.pet (
    id integer NOT NULL,
    name text,
    photo oid
);


ALTER TABLE public.pet OWNER TO postgres;

--
-- Name: pet_id_seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

ALTER TABLE public.pet ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.pet_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: 5001; Type: BLOB; Schema: -; Owner: postgres
--

SELECT pg_catalog.lo_create('5001');


ALTER LARGE OBJECT 5001 OWNER TO postgres;

--
-- Name: 5002; Type: BLOB; Schema: -; Owner: postgres
--

SELECT pg_catalog.lo_create('5002');


ALTER LARGE OBJECT 5002 OWNER TO postgres;

--
-- Data for Name: pet; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO public.pet OVERRIDING SYSTEM VALUE VALUES (1, 'Rex', 5001);
INSERT INTO public.pet OVERRIDING SYSTEM VALUE VALUES (2, 'tab	here\.', 5002);
INSERT INTO public.pet OVERRIDING SYSTEM VALUE VALUES (3, NULL, NULL);


--
-- Name: pet_id_seq; Type: SEQUENCE SET; Schema: public; Owner: postgres
--

SELECT pg_catalog.setval('public.pet_id_seq', 3, true);


--
-- Data for Name: BLOBS; Type: BLOBS; Schema: -; Owner: -
--

BEGIN;

SELECT pg_catalog.lo_open('5001', 131072);
SELECT pg_catalog.lowrite(0, '\x776f6f66');
SELECT pg_catalog.lo_close(0);

SELECT pg_catalog.lo_open('5002', 131072);
SELECT pg_catalog.lo_close(0);

COMMIT;

--
-- Name: pet pet_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.pet
    ADD CONSTRAINT pet_pkey PRIMARY KEY (id);


--
-- Name: TABLE pet; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT ON TABLE public.pet TO PUBLIC;


--
-- Name: LARGE OBJECT 5001; Type: ACL; Schema: -; Owner: postgres
--

GRANT SELECT ON LARGE OBJECT 5001 TO PUBLIC;


--
-- PostgreSQL database dump complete
--


