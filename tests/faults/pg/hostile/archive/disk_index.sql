-- SPDX-License-Identifier: Apache-2.0
-- Attempts: an index whose function fills the disk. Harmless while the setting is on, with which it is loaded once to be dumped.
SET backproof.making = 'on';
CREATE FUNCTION evil(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF current_setting('backproof.making', true) = 'on' THEN RETURN $1; END IF;
  CREATE TABLE public.full AS SELECT repeat(md5(g::text), 300) AS x FROM generate_series(1, 1000000000) AS g;
  RETURN $1;
END
$$;
CREATE TABLE t (a integer);
INSERT INTO t SELECT generate_series(1, 10);
CREATE INDEX t_evil ON t (evil(a));
