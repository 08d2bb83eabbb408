-- SPDX-License-Identifier: Apache-2.0
-- options: ENCODING 'LATIN1' LOCALE 'C'
SET client_encoding = 'UTF8';
CREATE TABLE "größe" (id int PRIMARY KEY, "straße" text UNIQUE, c char(3));
INSERT INTO "größe" SELECT g, 'Straße Nr. ' || g || ' ÄÖÜ éèê ñ ¿ ½ ÿ', 'ü' FROM generate_series(1, 300) g;
CREATE TABLE every_byte (b int, t text);
INSERT INTO every_byte SELECT g, chr(g) FROM generate_series(1, 255) g;
CREATE TYPE "käse" AS ENUM ('Gruyère', 'Kräuter');
CREATE TABLE cheese (k "käse" DEFAULT 'Gruyère');
INSERT INTO cheese DEFAULT VALUES;
COMMENT ON TABLE "größe" IS 'Größe und Straße';
