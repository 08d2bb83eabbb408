-- SPDX-License-Identifier: Apache-2.0
-- Attempts: an expression index, which every restore builds. Harmless while the setting is on, with which it is loaded once to be dumped.
SET backproof.making = 'on';
CREATE FUNCTION evil(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF current_setting('backproof.making', true) = 'on' THEN RETURN $1; END IF;
  EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch CANARY_FILE''';
  EXECUTE 'COPY (SELECT 1) TO ''CANARY_FILE''';
  RETURN $1;
END
$$;
CREATE TABLE t (a integer);
INSERT INTO t SELECT generate_series(1, 10);
CREATE INDEX t_evil ON t (evil(a));
