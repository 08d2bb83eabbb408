-- SPDX-License-Identifier: Apache-2.0
-- Large objects: small, empty, sparse, more than a megabyte; with owners, rights and comments.
CREATE TABLE document (id int PRIMARY KEY, content oid, name text);
SELECT lo_from_bytea(10001, 'a small one');
SELECT lo_create(10002);
SELECT lo_from_bytea(10003, decode(string_agg(md5(g::text), ''), 'hex')) FROM generate_series(1, 70000) g;
SELECT lo_from_bytea(10004, '\x00ff5c27225c2e0a');
SELECT lo_create(10005);
SELECT lo_put(10005, 300000, 'after a hole');
SELECT lo_from_bytea(2147483649, 'a large number');
DO $$BEGIN
  FOR i IN 1..40 LOOP
    PERFORM lo_from_bytea((20000 + i)::oid, convert_to(repeat('object ' || i || ' ', i * 100), 'UTF8'));
  END LOOP;
END$$;
INSERT INTO document SELECT row_number() OVER (ORDER BY oid), oid, 'document ' || oid FROM pg_largeobject_metadata;
ALTER LARGE OBJECT 10001 OWNER TO zoo_owner;
GRANT SELECT ON LARGE OBJECT 10001 TO zoo_visitor;
GRANT UPDATE ON LARGE OBJECT 10003 TO PUBLIC;
COMMENT ON LARGE OBJECT 10001 IS 'it''s small';
COMMENT ON LARGE OBJECT 10003 IS 'it is large';
