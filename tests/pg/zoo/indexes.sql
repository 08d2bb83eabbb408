-- SPDX-License-Identifier: Apache-2.0
-- Every access method and option of an index, and extended statistics.
CREATE SCHEMA search;
SET search_path = search;

CREATE TABLE thing (id int PRIMARY KEY, name text, tags text[], doc jsonb, at point, area box, words tsvector, during int4range,
  ip inet, made timestamptz, n numeric, flag bool);
INSERT INTO thing SELECT g, 'name ' || md5(g::text), ARRAY['t' || g % 7, 't' || g % 11], jsonb_build_object('k', g % 13, 'l', g),
  point(g % 31, g % 37), box(point(g, g), point(g + 1, g + 2)), to_tsvector('simple', 'word' || g % 50 || ' and word' || g % 20),
  int4range(g, g + 10), ('10.0.' || g % 250 || '.' || g % 200)::inet, to_timestamp(1e9 + g * 60), g / 7.0, g % 3 = 0
  FROM generate_series(1, 3000) g;
CREATE INDEX thing_name ON thing (name);
CREATE INDEX thing_name_c ON thing (name COLLATE "C" text_pattern_ops DESC NULLS LAST, id ASC NULLS FIRST);
CREATE INDEX thing_lower ON thing (lower(name), (n + 1)) WHERE flag AND n > 10;
CREATE UNIQUE INDEX thing_unique ON thing (id, name) INCLUDE (n, made);
CREATE INDEX thing_hash ON thing USING hash (name) WITH (fillfactor = 50);
CREATE INDEX thing_tags ON thing USING gin (tags) WITH (fastupdate = off, gin_pending_list_limit = 128);
CREATE INDEX thing_doc ON thing USING gin (doc jsonb_path_ops);
CREATE INDEX thing_words ON thing USING gin (words);
CREATE INDEX thing_at ON thing USING gist (at);
CREATE INDEX thing_during ON thing USING gist (during) WITH (buffering = off);
CREATE INDEX thing_words_gist ON thing USING gist (words tsvector_ops (siglen = 200));
CREATE INDEX thing_ip ON thing USING spgist (ip);
CREATE INDEX thing_quad ON thing USING spgist (at quad_point_ops);
CREATE INDEX thing_kd ON thing USING spgist (at kd_point_ops);
CREATE INDEX thing_made ON thing USING brin (made) WITH (pages_per_range = 4, autosummarize = on);
CREATE INDEX thing_bloom ON thing USING brin (n numeric_minmax_multi_ops (values_per_range = 16), id int4_bloom_ops);
CREATE INDEX "Odd; index ""name""" ON thing ((doc ->> 'k'));
CREATE INDEX thing_dedup ON thing (flag) WITH (deduplicate_items = off);
ALTER INDEX thing_lower ALTER COLUMN 2 SET STATISTICS 321;
CREATE STATISTICS thing_depends (dependencies, ndistinct) ON flag, n FROM thing;
CREATE STATISTICS thing_all ON lower(name), (n * 2), flag FROM thing;
ALTER STATISTICS thing_depends SET STATISTICS 42;
CREATE STATISTICS thing_one ON (mod(id, 7)) FROM thing;
COMMENT ON INDEX thing_lower IS 'partial, with expressions';
COMMENT ON STATISTICS thing_depends IS 'they go together';
CREATE MATERIALIZED VIEW tagged AS SELECT unnest(tags) AS tag, count(*) AS n FROM thing GROUP BY 1;
CREATE UNIQUE INDEX tagged_tag ON tagged (tag);
CREATE TABLE empty_indexed (a int, b text);
CREATE INDEX ON empty_indexed (a, b);
