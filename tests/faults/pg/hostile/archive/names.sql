-- SPDX-License-Identifier: Apache-2.0
-- Attempts: functions and operators that are named like those of the system. Harmless while the setting is on, with which it is loaded once to be dumped.
SET backproof.making = 'on';
CREATE FUNCTION count(text) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF current_setting('backproof.making', true) = 'on' THEN RETURN 7; END IF;
  EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch CANARY_FILE''';
  EXECUTE 'COPY (SELECT 1) TO ''CANARY_FILE''';
  RETURN 7;
END
$$;
CREATE FUNCTION quote_ident(name) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF current_setting('backproof.making', true) = 'on' THEN RETURN 'x'; END IF;
  EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch CANARY_FILE''';
  EXECUTE 'COPY (SELECT 1) TO ''CANARY_FILE''';
  RETURN 'x';
END
$$;
CREATE FUNCTION evil(oid, oid) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF current_setting('backproof.making', true) = 'on' THEN RETURN true; END IF;
  EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch CANARY_FILE''';
  EXECUTE 'COPY (SELECT 1) TO ''CANARY_FILE''';
  RETURN true;
END
$$;
CREATE OPERATOR = (LEFTARG = oid, RIGHTARG = oid, FUNCTION = public.evil);
CREATE TABLE t (a integer);
INSERT INTO t SELECT generate_series(1, 10);
DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); END$$;
