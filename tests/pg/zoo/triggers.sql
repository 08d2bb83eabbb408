-- SPDX-License-Identifier: Apache-2.0
-- Triggers of every kind, event triggers and rewrite rules.
CREATE SCHEMA alarms;
SET search_path = alarms;

CREATE TABLE journal (id bigserial PRIMARY KEY, who text, what text, at timestamptz DEFAULT clock_timestamp());
CREATE TABLE cage (id int PRIMARY KEY, size int, guests int DEFAULT 0, "select" text);
CREATE FUNCTION log_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO alarms.journal (who, what) VALUES (TG_NAME, TG_OP || coalesce(TG_ARGV[0], ''));
  RETURN coalesce(NEW, OLD);
END $$;
CREATE FUNCTION log_many() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO alarms.journal (who, what) SELECT TG_NAME, count(*)::text FROM fresh; RETURN NULL; END $$;
CREATE TRIGGER before_row BEFORE INSERT OR UPDATE OF size, "select" ON cage FOR EACH ROW WHEN (NEW.size > 3) EXECUTE FUNCTION log_row('it''s', E'back\\slash', '');
CREATE TRIGGER after_statement AFTER TRUNCATE ON cage EXECUTE FUNCTION log_row();
CREATE TRIGGER with_rows AFTER INSERT ON cage REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION log_many();
CREATE CONSTRAINT TRIGGER at_the_end AFTER INSERT OR DELETE ON cage FROM journal DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION log_row();
CREATE TRIGGER off BEFORE DELETE ON cage FOR EACH ROW EXECUTE FUNCTION log_row();
CREATE TRIGGER on_replica BEFORE DELETE ON cage FOR EACH ROW EXECUTE FUNCTION log_row();
CREATE TRIGGER always BEFORE DELETE ON cage FOR EACH ROW EXECUTE FUNCTION log_row();
CREATE TRIGGER "Odd; ""name""" BEFORE DELETE ON cage FOR EACH ROW EXECUTE FUNCTION log_row();
ALTER TABLE cage DISABLE TRIGGER off;
ALTER TABLE cage ENABLE REPLICA TRIGGER on_replica;
ALTER TABLE cage ENABLE ALWAYS TRIGGER always;
INSERT INTO cage SELECT g, g, 0, 'cage ' || g FROM generate_series(1, 100) g;

CREATE VIEW big_cages AS SELECT * FROM cage WHERE size > 50;
CREATE TRIGGER instead INSTEAD OF INSERT ON big_cages FOR EACH ROW EXECUTE FUNCTION log_row();
CREATE RULE no_delete AS ON DELETE TO big_cages DO INSTEAD NOTHING;
CREATE RULE also AS ON UPDATE TO cage WHERE OLD.size <> NEW.size DO ALSO INSERT INTO alarms.journal (who) VALUES ('rule');
CREATE RULE several AS ON INSERT TO cage WHERE NEW.id < 0 DO INSTEAD (INSERT INTO alarms.journal (who) VALUES ('one;'); DELETE FROM alarms.journal WHERE who = 'one;' AND id < 0);
CREATE RULE tells AS ON DELETE TO cage DO ALSO NOTIFY cages, 'gone';
CREATE TABLE ruled (a int);
CREATE RULE off_rule AS ON INSERT TO ruled DO INSTEAD NOTHING;
INSERT INTO ruled VALUES (1);
ALTER TABLE ruled DISABLE RULE off_rule;
INSERT INTO ruled VALUES (2), (3);
CREATE RULE replica_rule AS ON DELETE TO ruled DO INSTEAD NOTHING;
ALTER TABLE ruled ENABLE REPLICA RULE replica_rule;

CREATE FUNCTION log_event() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE DEBUG 'event %', tg_tag; END$$;
CREATE EVENT TRIGGER on_start ON ddl_command_start EXECUTE FUNCTION log_event();
CREATE EVENT TRIGGER on_end ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE') EXECUTE FUNCTION log_event();
CREATE EVENT TRIGGER on_drop ON sql_drop EXECUTE FUNCTION log_event();
CREATE EVENT TRIGGER on_rewrite ON table_rewrite EXECUTE FUNCTION log_event();
ALTER EVENT TRIGGER on_drop DISABLE;
ALTER EVENT TRIGGER on_rewrite ENABLE ALWAYS;
ALTER EVENT TRIGGER on_start OWNER TO zoo_admin;
COMMENT ON TRIGGER before_row ON cage IS 'with a condition';
COMMENT ON EVENT TRIGGER on_end IS 'at the end';
COMMENT ON RULE also ON cage IS 'also';
