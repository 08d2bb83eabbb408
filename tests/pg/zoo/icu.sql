-- SPDX-License-Identifier: Apache-2.0
-- options: LOCALE_PROVIDER icu ICU_LOCALE 'sv-SE' ENCODING 'UTF8' LOCALE 'C'
-- A database whose order of letters comes from ICU.
CREATE TABLE letters (t text PRIMARY KEY, n int);
INSERT INTO letters SELECT chr(g) || chr(g + 1), g FROM generate_series(224, 500) g;
CREATE INDEX letters_upper ON letters (upper(t));
