-- SPDX-License-Identifier: Apache-2.0
-- Names that only the right quoting survives.
CREATE SCHEMA "Select";
CREATE SCHEMA "semi;colon -- comment";
CREATE SCHEMA "with ""double"" and 'single'";
SET search_path = "Select";

CREATE TABLE "table" ("column" int PRIMARY KEY, "order" text DEFAULT 'a;b', "select" int CHECK ("select" > 0));
INSERT INTO "table" VALUES (1, 'x', 1), (2, DEFAULT, 2);
CREATE TABLE "new
line" ("tab	stop" int, "line
break" text, "CRhere" int);
INSERT INTO "new
line" VALUES (1, E'a\nb', 2);
CREATE TABLE "Ünïcödé 表 🐘" ("名前" text, "é" int);
INSERT INTO "Ünïcödé 表 🐘" VALUES ('像', 1), ('象', 2);
CREATE TABLE "$$dollar$tag$" ("$1" int, "a$b" int);
INSERT INTO "$$dollar$tag$" VALUES (1, 2);
CREATE TABLE "back\slash" ("\." int, "\N" text, "\connect" text);
INSERT INTO "back\slash" VALUES (1, '\.', '\connect other');
CREATE TABLE "; DROP TABLE x; --" ("/* comment" int, "*/" int, "--" int, "{}" int, "<b>&amp;" int);
INSERT INTO "; DROP TABLE x; --" VALUES (1, 2, 3, 4, 5);
CREATE TABLE "COPY x FROM stdin;" ("%s %n" text);
INSERT INTO "COPY x FROM stdin;" VALUES ('%d'), (E'\\.');
CREATE TABLE " leading and trailing " (" a " int, a int, "A" int);
INSERT INTO " leading and trailing " VALUES (1, 2, 3);
CREATE TABLE "Name: x; Type: TABLE; Schema: public; Owner: postgres" (id int);
INSERT INTO "Name: x; Type: TABLE; Schema: public; Owner: postgres" VALUES (1);
CREATE TABLE "two
-- lines; Type: VIEW" (id int);
CREATE TABLE "LLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLend" (id int, "ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc" int);
CREATE INDEX "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii" ON "LLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLLend" (id);
CREATE TABLE "semi;colon -- comment"."with ""double"" and 'single'" ("a""b" int PRIMARY KEY, "c'd" text, "e.f" int);
INSERT INTO "semi;colon -- comment"."with ""double"" and 'single'" VALUES (1, 'x', 2);
CREATE TABLE "with ""double"" and 'single'"."a.b.c" (id int REFERENCES "semi;colon -- comment"."with ""double"" and 'single'");
INSERT INTO "with ""double"" and 'single'"."a.b.c" VALUES (1);
CREATE TABLE "Select"."CamelCase" ("mixedCase" serial, "UPPER" int);
INSERT INTO "CamelCase" ("UPPER") SELECT generate_series(1, 3);
CREATE FUNCTION "f(integer)"("a b" int, "c""d" text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION "table"("table") RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TYPE "Type; x" AS ENUM ('it''s', 'a "b"', E'new\nline', '; --');
CREATE DOMAIN "do""main" AS text CONSTRAINT "con;straint" CHECK (VALUE <> '$$');
CREATE TABLE typed (a "Type; x" DEFAULT 'it''s', b "do""main", c "Type; x"[]);
INSERT INTO typed VALUES ('; --', '"', ARRAY[E'new\nline', 'a "b"']::"Type; x"[]);
CREATE VIEW "view;" AS SELECT "column" AS "c;d", "order" AS "o""p" FROM "table";
CREATE SEQUENCE "Seq'uence";
CREATE TABLE "user" (id int CONSTRAINT "user pk" PRIMARY KEY, "group" int CONSTRAINT "a "" fk" REFERENCES "table" ("column"));
INSERT INTO "user" VALUES (1, 1), (2, 2);
CREATE INDEX "idx ""q"" ; \ $" ON "user" ("group") WHERE "group" <> 5;
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER "trig ger;" BEFORE INSERT ON "user" FOR EACH ROW EXECUTE FUNCTION tf('a', E'b\nc');
CREATE TABLE pg_toast_like (current_date_ int, "current_date" int, "null" int, "true" bool);
COMMENT ON TABLE "table" IS E'lines\n-- Name: fake; Type: TABLE; Schema: public; Owner: x\n\\. and $$ and '' and ;';
COMMENT ON COLUMN "back\slash"."\." IS 'dot \.';
COMMENT ON SCHEMA "semi;colon -- comment" IS E'\\connect postgres\n\\! true';
ALTER TABLE "CamelCase" OWNER TO "Zoo ""Quoted""; -- role";
