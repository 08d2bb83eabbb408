-- SPDX-License-Identifier: Apache-2.0
-- Attempts: a materialized view that asks a foreign server for its rows. Harmless while the setting is on, with which it is loaded once to be dumped.
SET backproof.making = 'on';
CREATE FUNCTION evil() RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF current_setting('backproof.making', true) = 'on' THEN RETURN 1; END IF;
  PERFORM count(*) FROM public.f;
  RETURN 1;
END
$$;
CREATE EXTENSION postgres_fdw;
CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port 'TCP_PORT', dbname 'x');
CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS ("user" 'x', password 'x');
CREATE FOREIGN TABLE f (a integer) SERVER s;
CREATE MATERIALIZED VIEW m AS SELECT evil();
