-- SPDX-License-Identifier: Apache-2.0
-- Text search objects and collations.
CREATE SCHEMA words;
SET search_path = words;
CREATE TEXT SEARCH PARSER my_parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);
CREATE TEXT SEARCH TEMPLATE my_template (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY my_dictionary (TEMPLATE = my_template, STOPWORDS = english, ACCEPT = false);
CREATE TEXT SEARCH DICTIONARY stemmer (TEMPLATE = pg_catalog.snowball, LANGUAGE = german, STOPWORDS = german);
CREATE TEXT SEARCH CONFIGURATION my_config (PARSER = my_parser);
ALTER TEXT SEARCH CONFIGURATION my_config ADD MAPPING FOR asciiword, word WITH my_dictionary, stemmer, simple;
CREATE TEXT SEARCH CONFIGURATION copied (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION copied ALTER MAPPING REPLACE english_stem WITH stemmer;
CREATE COLLATION plain (LOCALE = 'C');
CREATE COLLATION german (PROVIDER = icu, LOCALE = 'de-u-co-phonebk');
CREATE COLLATION no_case (PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false);
CREATE COLLATION parted (LC_COLLATE = 'C', LC_CTYPE = 'C.utf8');
CREATE TABLE text_of (id int PRIMARY KEY, t text COLLATE no_case UNIQUE, g text COLLATE german, v tsvector GENERATED ALWAYS AS (to_tsvector('words.my_config', g)) STORED);
INSERT INTO text_of (id, t, g) SELECT n, 'Wort ' || n, 'die Häuser und Öfen ' || n FROM generate_series(1, 200) n;
CREATE INDEX text_of_g ON text_of (g, lower(t) COLLATE plain);
CREATE INDEX text_of_v ON text_of USING gin (v);
ALTER TEXT SEARCH CONFIGURATION my_config OWNER TO zoo_owner;
COMMENT ON TEXT SEARCH PARSER my_parser IS 'parses';
COMMENT ON TEXT SEARCH TEMPLATE my_template IS 'a template';
COMMENT ON TEXT SEARCH DICTIONARY my_dictionary IS 'looks up';
COMMENT ON TEXT SEARCH CONFIGURATION my_config IS 'configures';
COMMENT ON COLLATION german IS 'as in a phone book';
