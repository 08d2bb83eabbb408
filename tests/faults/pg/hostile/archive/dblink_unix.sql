-- SPDX-License-Identifier: Apache-2.0
-- Attempts: an index whose function connects to a unix socket outside. Harmless while the setting is on, with which it is loaded once to be dumped.
SET backproof.making = 'on';
CREATE EXTENSION dblink;
CREATE FUNCTION evil(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF current_setting('backproof.making', true) = 'on' THEN RETURN $1; END IF;
  PERFORM public.dblink_connect('host=UNIX_SOCKET dbname=x user=x');
  RETURN $1;
END
$$;
CREATE TABLE t (a integer);
INSERT INTO t SELECT generate_series(1, 10);
CREATE INDEX t_evil ON t (evil(a));
