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

--
-- Name: Odd;Names; Type: SCHEMA; Schema: -; Owner: bp_owner
--

CREATE SCHEMA "Odd;Names";


ALTER SCHEMA "Odd;Names" OWNER TO bp_owner;

--
-- Name: german; Type: COLLATION; Schema: public; Owner: postgres
--

CREATE COLLATION public.german (provider = libc, locale = 'C');


ALTER COLLATION public.german OWNER TO postgres;

--
-- Name: hstore; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public;


--
-- Name: EXTENSION hstore; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION hstore IS 'data type for storing sets of (key, value) pairs';


--
-- Name: mood; Type: TYPE; Schema: public; Owner: postgres
--

CREATE TYPE public.mood AS ENUM (
    'sad',
    'ok'
);


ALTER TYPE public.mood OWNER TO postgres;

--
-- Name: pair; Type: TYPE; Schema: public; Owner: postgres
--

CREATE TYPE public.pair AS (
	a integer,
	b text
);


ALTER TYPE public.pair OWNER TO postgres;

--
-- Name: positive; Type: DOMAIN; Schema: public; Owner: postgres
--

CREATE DOMAIN public.positive AS integer
	CONSTRAINT positive_check CHECK ((VALUE > 0));


ALTER DOMAIN public.positive OWNER TO postgres;

--
-- Name: span; Type: TYPE; Schema: public; Owner: postgres
--

CREATE TYPE public.span AS RANGE (
    subtype = integer,
    multirange_type_name = public.span_multirange
);


ALTER TYPE public.span OWNER TO postgres;

--
-- Name: CAST (public.mood AS public.pair); Type: CAST; Schema: -; Owner: -
--

CREATE CAST (public.mood AS public.pair) WITH INOUT;


--
-- Name: atomic_body(integer); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.atomic_body(a integer) RETURNS integer
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT a AS a;
 SELECT
         CASE
             WHEN (a > 1) THEN 2
             ELSE 3
         END AS "case";
END;


ALTER FUNCTION public.atomic_body(a integer) OWNER TO postgres;

--
-- Name: dollar(); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.dollar() RETURNS trigger
    LANGUAGE plpgsql
    AS $$BEGIN -- ';
  RETURN NEW; END$$;


ALTER FUNCTION public.dollar() OWNER TO postgres;

--
-- Name: on_ddl(); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.on_ddl() RETURNS event_trigger
    LANGUAGE plpgsql
    AS $$BEGIN END$$;


ALTER FUNCTION public.on_ddl() OWNER TO postgres;

--
-- Name: plain(integer); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.plain(a integer) RETURNS integer
    LANGUAGE sql
    AS $_$SELECT a; SELECT $1$_$;


ALTER FUNCTION public.plain(a integer) OWNER TO postgres;

--
-- Name: proc(); Type: PROCEDURE; Schema: public; Owner: postgres
--

CREATE PROCEDURE public.proc()
    LANGUAGE sql
    AS $$$$;


ALTER PROCEDURE public.proc() OWNER TO postgres;

--
-- Name: same(integer, integer); Type: FUNCTION; Schema: public; Owner: postgres
--

CREATE FUNCTION public.same(integer, integer) RETURNS boolean
    LANGUAGE sql
    AS $_$SELECT $1 = $2$_$;


ALTER FUNCTION public.same(integer, integer) OWNER TO postgres;

--
-- Name: total(integer); Type: AGGREGATE; Schema: public; Owner: postgres
--

CREATE AGGREGATE public.total(integer) (
    SFUNC = int4pl,
    STYPE = integer
);


ALTER AGGREGATE public.total(integer) OWNER TO postgres;

--
-- Name: ===; Type: OPERATOR; Schema: public; Owner: postgres
--

CREATE OPERATOR public.=== (
    FUNCTION = public.same,
    LEFTARG = integer,
    RIGHTARG = integer
);


ALTER OPERATOR public.=== (integer, integer) OWNER TO postgres;

--
-- Name: fam; Type: OPERATOR FAMILY; Schema: public; Owner: postgres
--

CREATE OPERATOR FAMILY public.fam USING btree;


ALTER OPERATOR FAMILY public.fam USING btree OWNER TO postgres;

--
-- Name: cls; Type: OPERATOR CLASS; Schema: public; Owner: postgres
--

CREATE OPERATOR CLASS public.cls
    FOR TYPE integer USING btree FAMILY public.fam AS
    OPERATOR 1 <(integer,integer) ,
    FUNCTION 1 (integer, integer) btint4cmp(integer,integer);


ALTER OPERATOR CLASS public.cls USING btree OWNER TO postgres;

--
-- Name: conv; Type: CONVERSION; Schema: public; Owner: postgres
--

CREATE CONVERSION public.conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;


ALTER CONVERSION public.conv OWNER TO postgres;

--
-- Name: dict; Type: TEXT SEARCH DICTIONARY; Schema: public; Owner: postgres
--

CREATE TEXT SEARCH DICTIONARY public.dict (
    TEMPLATE = pg_catalog.simple );


ALTER TEXT SEARCH DICTIONARY public.dict OWNER TO postgres;

--
-- Name: conf; Type: TEXT SEARCH CONFIGURATION; Schema: public; Owner: postgres
--

CREATE TEXT SEARCH CONFIGURATION public.conf (
    PARSER = pg_catalog."default" );

ALTER TEXT SEARCH CONFIGURATION public.conf
    ADD MAPPING FOR asciiword WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.conf
    ADD MAPPING FOR word WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.conf
    ADD MAPPING FOR numword WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.conf
    ADD MAPPING FOR email WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.conf
    ADD MAPPING FOR url WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.conf
    ADD MAPPING FOR host WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.conf
    ADD MAPPING FOR sfloat WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.conf
    ADD MAPPING FOR version WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.conf
    ADD MAPPING FOR hword_numpart WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.conf
    ADD MAPPING FOR hword_part WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.conf
    ADD MAPPING FOR hword_asciipart WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.conf
    ADD MAPPING FOR numhword WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.conf
    ADD MAPPING FOR asciihword WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.conf
    ADD MAPPING FOR hword WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.conf
    ADD MAPPING FOR url_path WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.conf
    ADD MAPPING FOR file WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.conf
    ADD MAPPING FOR "float" WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.conf
    ADD MAPPING FOR "int" WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.conf
    ADD MAPPING FOR uint WITH simple;


ALTER TEXT SEARCH CONFIGURATION public.conf OWNER TO postgres;

--
-- Name: fdw; Type: FOREIGN DATA WRAPPER; Schema: -; Owner: postgres
--

CREATE FOREIGN DATA WRAPPER fdw;


ALTER FOREIGN DATA WRAPPER fdw OWNER TO postgres;

--
-- Name: srv; Type: SERVER; Schema: -; Owner: postgres
--

CREATE SERVER srv FOREIGN DATA WRAPPER fdw;


ALTER SERVER srv OWNER TO postgres;

--
-- Name: USER MAPPING bp_owner SERVER srv; Type: USER MAPPING; Schema: -; Owner: postgres
--

CREATE USER MAPPING FOR bp_owner SERVER srv;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: A "b"; Type: TABLE; Schema: Odd;Names; Owner: bp_owner
--

CREATE TABLE "Odd;Names"."A ""b""" (
    id integer,
    CONSTRAINT "A ""b""_id_check" CHECK ((id > 0))
);


ALTER TABLE "Odd;Names"."A ""b""" OWNER TO bp_owner;

SET default_tablespace = bp_space;

--
-- Name: person; Type: TABLE; Schema: public; Owner: bp_owner; Tablespace: bp_space
--

CREATE TABLE public.person (
    id integer NOT NULL,
    name text NOT NULL,
    mood public.mood DEFAULT 'ok'::public.mood,
    n public.positive,
    h public.hstore
);


ALTER TABLE public.person OWNER TO bp_owner;

--
-- Name: TABLE person; Type: COMMENT; Schema: public; Owner: bp_owner
--

COMMENT ON TABLE public.person IS 'it''s; a -- comment';


--
-- Name: COLUMN person.name; Type: COMMENT; Schema: public; Owner: bp_owner
--

COMMENT ON COLUMN public.person.name IS '/*';


SET default_tablespace = '';

--
-- Name: child; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.child (
)
INHERITS (public.person);


ALTER TABLE public.child OWNER TO postgres;

--
-- Name: empty_mv; Type: MATERIALIZED VIEW; Schema: public; Owner: postgres
--

CREATE MATERIALIZED VIEW public.empty_mv AS
 SELECT 1 AS one
  WITH NO DATA;


ALTER TABLE public.empty_mv OWNER TO postgres;

--
-- Name: far; Type: FOREIGN TABLE; Schema: public; Owner: postgres
--

CREATE FOREIGN TABLE public.far (
    a integer
)
SERVER srv;


ALTER FOREIGN TABLE public.far OWNER TO postgres;

--
-- Name: mv; Type: MATERIALIZED VIEW; Schema: public; Owner: postgres
--

CREATE MATERIALIZED VIEW public.mv AS
 SELECT count(*) AS c
   FROM public.person
  WITH NO DATA;


ALTER TABLE public.mv OWNER TO postgres;

--
-- Name: parts; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.parts (
    d date,
    v integer
)
PARTITION BY RANGE (d);


ALTER TABLE public.parts OWNER TO postgres;

--
-- Name: parts_1; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.parts_1 (
    d date,
    v integer
);


ALTER TABLE public.parts_1 OWNER TO postgres;

--
-- Name: person_id_seq; Type: SEQUENCE; Schema: public; Owner: bp_owner
--

CREATE SEQUENCE public.person_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.person_id_seq OWNER TO bp_owner;

--
-- Name: person_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: bp_owner
--

ALTER SEQUENCE public.person_id_seq OWNED BY public.person.id;


--
-- Name: seq; Type: SEQUENCE; Schema: public; Owner: postgres
--

CREATE SEQUENCE public.seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE public.seq OWNER TO postgres;

--
-- Name: v; Type: VIEW; Schema: public; Owner: bp_owner
--

CREATE VIEW public.v AS
 SELECT person.id
   FROM public.person;


ALTER TABLE public.v OWNER TO bp_owner;

--
-- Name: parts_1; Type: TABLE ATTACH; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.parts ATTACH PARTITION public.parts_1 FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');


--
-- Name: child id; Type: DEFAULT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.child ALTER COLUMN id SET DEFAULT nextval('public.person_id_seq'::regclass);


--
-- Name: child mood; Type: DEFAULT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.child ALTER COLUMN mood SET DEFAULT 'ok'::public.mood;


--
-- Name: person id; Type: DEFAULT; Schema: public; Owner: bp_owner
--

ALTER TABLE ONLY public.person ALTER COLUMN id SET DEFAULT nextval('public.person_id_seq'::regclass);


--
-- Name: 4000000000; Type: BLOB; Schema: -; Owner: postgres
--

SELECT pg_catalog.lo_create('4000000000');


ALTER LARGE OBJECT 4000000000 OWNER TO postgres;

--
-- Name: 5001; Type: BLOB; Schema: -; Owner: bp_owner
--

SELECT pg_catalog.lo_create('5001');


ALTER LARGE OBJECT 5001 OWNER TO bp_owner;

--
-- Name: LARGE OBJECT 5001; Type: COMMENT; Schema: -; Owner: bp_owner
--

COMMENT ON LARGE OBJECT 5001 IS 'o';


--
-- Name: 5002; Type: BLOB; Schema: -; Owner: postgres
--

SELECT pg_catalog.lo_create('5002');


ALTER LARGE OBJECT 5002 OWNER TO postgres;

--
-- Data for Name: A "b"; Type: TABLE DATA; Schema: Odd;Names; Owner: bp_owner
--

COPY "Odd;Names"."A ""b""" (id) FROM stdin;
\.


--
-- Data for Name: child; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.child (id, name, mood, n, h) FROM stdin;
\.


--
-- Data for Name: parts_1; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.parts_1 (d, v) FROM stdin;
2020-05-05	1
\.


--
-- Data for Name: person; Type: TABLE DATA; Schema: public; Owner: bp_owner
--

COPY public.person (id, name, mood, n, h) FROM stdin;
1	O'Hara; --	ok	1	\N
2	tab\tback\\slash\n\\.\n	ok	2	\N
3		ok	\N	\N
\.


--
-- Name: person_id_seq; Type: SEQUENCE SET; Schema: public; Owner: bp_owner
--

SELECT pg_catalog.setval('public.person_id_seq', 3, true);


--
-- Name: seq; Type: SEQUENCE SET; Schema: public; Owner: postgres
--

SELECT pg_catalog.setval('public.seq', 1, true);


--
-- Data for Name: BLOBS; Type: BLOBS; Schema: -; Owner: -
--

BEGIN;

SELECT pg_catalog.lo_open('5001', 131072);
SELECT pg_catalog.lowrite(0, '\x005c2e0aff');
SELECT pg_catalog.lo_close(0);

SELECT pg_catalog.lo_open('5002', 131072);
SELECT pg_catalog.lo_close(0);

SELECT pg_catalog.lo_open('4000000000', 131072);
SELECT pg_catalog.lowrite(0, '\x666172');
SELECT pg_catalog.lo_close(0);

COMMIT;

--
-- Name: person person_box_excl; Type: CONSTRAINT; Schema: public; Owner: bp_owner
--

ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_box_excl EXCLUDE USING gist (box(point((id)::double precision, (id)::double precision), point((id)::double precision, (id)::double precision)) WITH &&);


--
-- Name: person person_pkey; Type: CONSTRAINT; Schema: public; Owner: bp_owner
--

ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (id);


--
-- Name: idx; Type: INDEX; Schema: public; Owner: bp_owner
--

CREATE INDEX idx ON public.person USING btree (lower(name)) WHERE (id > 0);


--
-- Name: mv_c_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE UNIQUE INDEX mv_c_idx ON public.mv USING btree (c);


--
-- Name: parts_v_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX parts_v_idx ON ONLY public.parts USING btree (v);


--
-- Name: parts_1_v_idx; Type: INDEX; Schema: public; Owner: postgres
--

CREATE INDEX parts_1_v_idx ON public.parts_1 USING btree (v);


--
-- Name: parts_1_v_idx; Type: INDEX ATTACH; Schema: public; Owner: postgres
--

ALTER INDEX public.parts_v_idx ATTACH PARTITION public.parts_1_v_idx;


--
-- Name: stat; Type: STATISTICS; Schema: public; Owner: postgres
--

CREATE STATISTICS public.stat ON id, name FROM public.person;


ALTER STATISTICS public.stat OWNER TO postgres;

--
-- Name: person r; Type: RULE; Schema: public; Owner: bp_owner
--

CREATE RULE r AS
    ON DELETE TO public.person DO INSTEAD NOTHING;


--
-- Name: person t; Type: TRIGGER; Schema: public; Owner: bp_owner
--

CREATE TRIGGER t BEFORE INSERT ON public.person FOR EACH ROW EXECUTE FUNCTION public.dollar();

ALTER TABLE public.person DISABLE TRIGGER t;


--
-- Name: A "b" A "b"_id_fkey; Type: FK CONSTRAINT; Schema: Odd;Names; Owner: bp_owner
--

ALTER TABLE ONLY "Odd;Names"."A ""b"""
    ADD CONSTRAINT "A ""b""_id_fkey" FOREIGN KEY (id) REFERENCES public.person(id) DEFERRABLE;


--
-- Name: person p; Type: POLICY; Schema: public; Owner: bp_owner
--

CREATE POLICY p ON public.person TO bp_reader USING ((id > 1));


--
-- Name: person; Type: ROW SECURITY; Schema: public; Owner: bp_owner
--

ALTER TABLE public.person ENABLE ROW LEVEL SECURITY;

--
-- Name: pub; Type: PUBLICATION; Schema: -; Owner: postgres
--

CREATE PUBLICATION pub WITH (publish = 'insert, update, delete, truncate');


ALTER PUBLICATION pub OWNER TO postgres;

--
-- Name: pub parts; Type: PUBLICATION TABLE; Schema: public; Owner: postgres
--

ALTER PUBLICATION pub ADD TABLE ONLY public.parts;


--
-- Name: pub Odd;Names; Type: PUBLICATION TABLES IN SCHEMA; Schema: Odd;Names; Owner: postgres
--

ALTER PUBLICATION pub ADD TABLES IN SCHEMA "Odd;Names";


--
-- Name: sub; Type: SUBSCRIPTION; Schema: -; Owner: postgres
--

CREATE SUBSCRIPTION sub CONNECTION 'dbname=x' PUBLICATION pub WITH (connect = false, slot_name = 'sub');


ALTER SUBSCRIPTION sub OWNER TO postgres;

--
-- Name: TABLE person; Type: ACL; Schema: public; Owner: bp_owner
--

GRANT SELECT ON TABLE public.person TO bp_reader;


--
-- Name: COLUMN parts.v; Type: ACL; Schema: public; Owner: postgres
--

GRANT SELECT(v) ON TABLE public.parts TO bp_reader;


--
-- Name: LARGE OBJECT 5002; Type: ACL; Schema: -; Owner: postgres
--

GRANT SELECT ON LARGE OBJECT 5002 TO bp_reader;


--
-- Name: DEFAULT PRIVILEGES FOR TABLES; Type: DEFAULT ACL; Schema: -; Owner: bp_owner
--

ALTER DEFAULT PRIVILEGES FOR ROLE bp_owner GRANT SELECT ON TABLES  TO bp_reader;


--
-- Name: et; Type: EVENT TRIGGER; Schema: -; Owner: postgres
--

CREATE EVENT TRIGGER et ON ddl_command_end
   EXECUTE FUNCTION public.on_ddl();


ALTER EVENT TRIGGER et OWNER TO postgres;

--
-- Name: EVENT TRIGGER et; Type: COMMENT; Schema: -; Owner: postgres
--

COMMENT ON EVENT TRIGGER et IS 'late';


--
-- Name: mv; Type: MATERIALIZED VIEW DATA; Schema: public; Owner: postgres
--

REFRESH MATERIALIZED VIEW public.mv;


--
-- PostgreSQL database dump complete
--


