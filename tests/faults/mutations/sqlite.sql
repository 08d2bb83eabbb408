-- SPDX-License-Identifier: Apache-2.0
-- Of which shop.db was made, by sqlite3 3.40. shop.sql is its .dump, shop.db.gz the same by gzip -9n.
-- The files are kept because the counts in the README depend on every byte of them.
PRAGMA page_size = 1024;
PRAGMA application_id = 7701;
PRAGMA user_version = 12;
CREATE TABLE customer (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, town TEXT, since TIMESTAMP);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer (id), total REAL CHECK (total >= 0), memo TEXT DEFAULT 'none');
CREATE TABLE setting (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
CREATE TABLE old (a TEXT);
CREATE INDEX orders_by_customer ON orders (customer_id);
CREATE UNIQUE INDEX customer_name ON customer (name);
CREATE VIEW big_orders AS SELECT * FROM orders WHERE total > 50;
CREATE TRIGGER no_thanks BEFORE INSERT ON orders WHEN NEW.total > 100000 BEGIN SELECT raise(ABORT, 'too much'); END;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
  INSERT INTO customer SELECT i, 'customer ' || i, CASE WHEN i % 9 THEN 'town ' || i % 40 END, '2026-11-' || printf('%02d', 1 + i % 20) || ' 10:00:00' FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
  INSERT INTO orders SELECT i, 1 + i % 100, i * 0.25, 'memo of order ' || i FROM n;
INSERT INTO setting VALUES ('logo', CAST(replace(hex(zeroblob(1500)), '00', 'logo') AS BLOB)), ('mode', 'fast'), ('limit', 4000000000), ('rate', 2.5), ('none', NULL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO old SELECT 'old ' || i FROM n;
DROP TABLE old;
