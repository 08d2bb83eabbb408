-- SPDX-License-Identifier: Apache-2.0
-- Attempts: an event trigger that runs at every statement behind it. Harmless while the setting is on, with which it is loaded once to be dumped.
SET backproof.making = 'on';
CREATE FUNCTION evil() RETURNS event_trigger LANGUAGE plpgsql  AS $$
BEGIN
  IF current_setting('backproof.making', true) = 'on' THEN RETURN; END IF;
  EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch CANARY_FILE''';
  EXECUTE 'COPY (SELECT 1) TO ''CANARY_FILE''';
  RETURN;
END
$$;
CREATE TABLE t (a integer PRIMARY KEY);
INSERT INTO t SELECT generate_series(1, 10);
CREATE EVENT TRIGGER evil ON ddl_command_start EXECUTE FUNCTION evil();
ALTER EVENT TRIGGER evil ENABLE ALWAYS;
CREATE EVENT TRIGGER evil_end ON ddl_command_end EXECUTE FUNCTION evil();
