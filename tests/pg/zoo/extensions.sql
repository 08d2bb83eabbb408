-- SPDX-License-Identifier: Apache-2.0
-- Extensions, one in a schema of its own, one whose table was changed; and what uses them.
CREATE SCHEMA ext;
CREATE EXTENSION hstore SCHEMA ext;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION citext VERSION '1.6';
CREATE EXTENSION unaccent;
CREATE EXTENSION ltree;
CREATE EXTENSION "uuid-ossp";
CREATE EXTENSION bloom;
CREATE EXTENSION intarray;
CREATE EXTENSION lo;
CREATE EXTENSION earthdistance CASCADE;
CREATE TABLE uses (id uuid PRIMARY KEY DEFAULT public.uuid_generate_v4(), h ext.hstore, c citext UNIQUE, l ltree, a int[], o lo);
INSERT INTO uses (id, h, c, l, a) SELECT uuid_generate_v5(uuid_ns_url(), g::text), ext.hstore('k' || g, 'v "q" ' || g), 'Name ' || g, ('top.n' || g)::ltree, ARRAY[g, g + 1] FROM generate_series(1, 100) g;
CREATE INDEX uses_trgm ON uses USING gin ((c::text) gin_trgm_ops);
CREATE INDEX uses_h ON uses USING gist (h);
CREATE INDEX uses_l ON uses USING gist (l);
CREATE INDEX uses_bloom ON uses USING bloom ((c::text)) WITH (length = 80, col1 = 3);
CREATE INDEX uses_a ON uses USING gin (a gin__int_ops);
CREATE TRIGGER manage BEFORE UPDATE OR DELETE ON uses FOR EACH ROW EXECUTE FUNCTION lo_manage(o);
ALTER TEXT SEARCH DICTIONARY unaccent (RULES = 'unaccent');
GRANT EXECUTE ON FUNCTION uuid_generate_v4() TO zoo_keeper;
REVOKE ALL ON FUNCTION ext.hstore_in(cstring) FROM PUBLIC;
COMMENT ON EXTENSION hstore IS 'my own words about hstore';
