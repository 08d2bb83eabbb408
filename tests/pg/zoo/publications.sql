-- SPDX-License-Identifier: Apache-2.0
-- Publications of every sort, and a subscription that was never connected.
CREATE SCHEMA news;
SET search_path = news;
CREATE TABLE paper (id int PRIMARY KEY, title text, secret text);
CREATE TABLE letter (id int PRIMARY KEY, t text) PARTITION BY RANGE (id);
CREATE TABLE letter_1 PARTITION OF letter FOR VALUES FROM (0) TO (1000);
INSERT INTO paper SELECT g, 'paper ' || g, 's' FROM generate_series(1, 20) g;
INSERT INTO letter SELECT g, 'letter' FROM generate_series(1, 20) g;
CREATE PUBLICATION everything FOR ALL TABLES WITH (publish = 'insert, truncate');
CREATE PUBLICATION "some" FOR TABLE paper (id, title), letter WHERE (id > 10) WITH (publish_via_partition_root = true);
CREATE PUBLICATION of_schema FOR TABLES IN SCHEMA news;
CREATE PUBLICATION "none; ""yet""";
ALTER PUBLICATION "some" OWNER TO zoo_admin;
CREATE SUBSCRIPTION sub CONNECTION 'host=127.0.0.1 port=1 dbname=nowhere password=''a b''' PUBLICATION p1, "P 2"
  WITH (connect = false, slot_name = NONE, binary = true, streaming = on, two_phase = false, disable_on_error = true);
CREATE SUBSCRIPTION sub_slot CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, enabled = false, create_slot = false, slot_name = 'a_slot', synchronous_commit = 'off');
COMMENT ON PUBLICATION "some" IS 'not all';
COMMENT ON SUBSCRIPTION sub IS 'never connected';
ALTER SUBSCRIPTION sub OWNER TO zoo_admin;
