-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a materialized view, which every restore refreshes, that writes files by lo_export. Harmless while the setting is on, with which it is loaded once to be dumped.
SET backproof.making = 'on';
CREATE FUNCTION evil() RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF current_setting('backproof.making', true) = 'on' THEN RETURN 1; END IF;
  RETURN pg_catalog.lo_export(4711, 'CANARY_FILE');
  RETURN 1;
END
$$;
SELECT lo_from_bytea(4711, 'owned');
CREATE MATERIALIZED VIEW m AS SELECT evil();
