-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a CHECK that takes all memory. Harmless while the setting is on, with which it is loaded once to be dumped.
SET backproof.making = 'on';
CREATE FUNCTION evil(integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF current_setting('backproof.making', true) = 'on' THEN RETURN true; END IF;
  DECLARE a text[] := '{}'; BEGIN FOR i IN 1..100000 LOOP a := a || repeat('x', 100000000); END LOOP; END;
  RETURN true;
END
$$;
CREATE TABLE t (a integer CHECK (evil(a)));
INSERT INTO t SELECT generate_series(1, 10);
