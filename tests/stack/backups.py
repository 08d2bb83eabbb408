# SPDX-License-Identifier: Apache-2.0
"""Makes small backups, good and damaged ones, of SQLite and PostgreSQL, for the stack's targets."""
import contextlib
import gzip
import os
import pathlib
import sqlite3
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "pg"))
import cluster as pg  # noqa: E402

PAGE = 4096
SHOP = """
CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer (id), total REAL);
CREATE INDEX orders_by_customer ON orders (customer_id);
"""
FILL = """
INSERT INTO customer SELECT i, 'customer ' || i FROM generate_series(1, 500) AS n(i);
INSERT INTO orders SELECT i, 1 + i % 500, i * 0.25 FROM generate_series(1, @rows) AS n(i);
"""
# SQLite's library has no generate_series.
SQLITE_SERIES = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT i FROM n)"
PG_END = b"--\n-- PostgreSQL database dump complete"


def have_pg():
    return pg.server_bin() is not None


def sqlite_file(rows=5000):
    """The bytes of a database file."""
    fill = FILL.replace("@rows", str(rows))
    for count in (500, rows):
        fill = fill.replace(f"generate_series(1, {count}) AS n(i)", SQLITE_SERIES.format(count))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "shop.db"
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.executescript(f"PRAGMA page_size = {PAGE};" + SHOP + fill)
        return path.read_bytes()


def pg_dump(rows=5000, options=()):
    """The bytes that pg_dump writes, of a server that lives as long."""
    with pg.Cluster(pg.THROW_AWAY) as server:
        server.psql("postgres", SHOP + FILL.replace("@rows", str(rows)))
        return server.client(["pg_dump", *options, "postgres"]).stdout


def with_zero_page(database):
    """As a bad disk does it: a page in the middle is zeros."""
    middle = len(database) // PAGE // 2 * PAGE
    return database[:middle] + bytes(PAGE) + database[middle + PAGE:]


def sleeping(dump):
    """A plain dump whose restore takes an hour and no processor."""
    return dump.replace(PG_END, b"DO $$BEGIN PERFORM pg_catalog.pg_sleep(3600); END$$;\n\n" + PG_END)


class Backups:
    """What to lay: backups.of(kind) -> (file name, bytes). Each is made once."""

    def __init__(self):
        self._made = {}

    def of(self, kind):
        if kind not in self._made:
            self._made[kind] = getattr(self, "_" + kind)()
        return self._made[kind]

    def _sqlite_good(self):
        return "shop.db.gz", gzip.compress(sqlite_file())

    def _sqlite_larger(self):
        return "shop.db.gz", gzip.compress(sqlite_file(20000))

    def _sqlite_damaged(self):
        return "shop.db.gz", gzip.compress(with_zero_page(sqlite_file()))

    def _pg_plain(self):
        return "crm.sql", pg_dump()

    def _pg_good(self):
        return "crm.sql.gz", gzip.compress(self.of("pg_plain")[1])

    def _pg_larger(self):
        return "crm.sql.gz", gzip.compress(pg_dump(20000))

    def _pg_cut(self):
        dump = self.of("pg_plain")[1]
        return "crm.sql.gz", gzip.compress(dump[:len(dump) // 2])

    def _pg_sleeping(self):
        return "crm.sql", sleeping(self.of("pg_plain")[1])

    def _encrypted(self):
        return "shop.db.age", b"age-encryption.org/v1\n-> X25519 abc\n" + os.urandom(400)


def lay(folder, name, content, made):
    """Puts a backup in place as backup jobs should: under another name first. `made`: its time."""
    folder = pathlib.Path(folder)
    unfinished = folder / (name + ".partial")
    unfinished.write_bytes(content)
    os.utime(unfinished, (made, made))
    unfinished.rename(folder / name)
