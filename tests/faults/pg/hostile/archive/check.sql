-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a CHECK whose function starts a program and writes a file for each row. Harmless while the setting is on, with which it is loaded once to be dumped.
SET backproof.making = 'on';
CREATE FUNCTION evil(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF current_setting('backproof.making', true) = 'on' THEN RETURN true; END IF;
  EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch CANARY_FILE''';
  EXECUTE 'COPY (SELECT 1) TO ''CANARY_FILE''';
  RETURN true;
END
$$;
CREATE TABLE t (a integer CHECK (evil(a)));
INSERT INTO t SELECT generate_series(1, 10);
