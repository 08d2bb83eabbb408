-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a policy, a rule and a view for whoever questions the database afterwards. Harmless while the setting is on, with which it is loaded once to be dumped.
SET backproof.making = 'on';
CREATE FUNCTION evil(integer) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF current_setting('backproof.making', true) = 'on' THEN RETURN true; END IF;
  EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch CANARY_FILE''';
  EXECUTE 'COPY (SELECT 1) TO ''CANARY_FILE''';
  RETURN true;
END
$$;
CREATE TABLE t (a integer);
INSERT INTO t SELECT generate_series(1, 10);
ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY evil ON t USING (evil(a));
CREATE VIEW v AS SELECT evil(1);
