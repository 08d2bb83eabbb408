-- SPDX-License-Identifier: Apache-2.0
-- A shop that lends films, in the style of the public sample schemas; all data is generated.
CREATE DOMAIN year AS integer CONSTRAINT year_check CHECK (VALUE >= 1901 AND VALUE <= 2155);
CREATE TYPE rating AS ENUM ('G', 'PG', 'PG-13', 'R', 'NC-17');
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.last_update = CURRENT_TIMESTAMP; RETURN NEW; END$$;
CREATE AGGREGATE group_concat(text) (SFUNC = textcat, STYPE = text);

CREATE TABLE country (country_id serial PRIMARY KEY, country text NOT NULL, last_update timestamptz NOT NULL DEFAULT now());
CREATE TABLE city (city_id serial PRIMARY KEY, city text NOT NULL, country_id int NOT NULL REFERENCES country ON UPDATE CASCADE ON DELETE RESTRICT, last_update timestamptz NOT NULL DEFAULT now());
CREATE TABLE address (address_id serial PRIMARY KEY, address text NOT NULL, address2 text, district text NOT NULL, city_id int NOT NULL REFERENCES city, phone text NOT NULL, last_update timestamptz NOT NULL DEFAULT now());
CREATE TABLE language (language_id serial PRIMARY KEY, name char(20) NOT NULL, last_update timestamptz NOT NULL DEFAULT now());
CREATE SEQUENCE film_film_id_seq;
CREATE TABLE film (film_id int PRIMARY KEY DEFAULT nextval('film_film_id_seq'), title text NOT NULL, description text, release_year year, language_id int NOT NULL REFERENCES language,
  rental_rate numeric(4,2) NOT NULL DEFAULT 4.99, length smallint, rating rating DEFAULT 'G', special_features text[], fulltext tsvector NOT NULL, last_update timestamptz NOT NULL DEFAULT now());
CREATE TABLE actor (actor_id serial PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL, last_update timestamptz NOT NULL DEFAULT now());
CREATE TABLE film_actor (actor_id int NOT NULL REFERENCES actor, film_id int NOT NULL REFERENCES film, last_update timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (actor_id, film_id));
CREATE TABLE store (store_id serial PRIMARY KEY, manager_staff_id int NOT NULL, address_id int NOT NULL REFERENCES address);
CREATE TABLE staff (staff_id serial PRIMARY KEY, first_name text NOT NULL, store_id int NOT NULL REFERENCES store, active bool NOT NULL DEFAULT true, picture bytea);
CREATE TABLE customer (customer_id serial PRIMARY KEY, store_id int NOT NULL REFERENCES store, first_name text NOT NULL, last_name text NOT NULL, email text, address_id int NOT NULL REFERENCES address, create_date date NOT NULL DEFAULT CURRENT_DATE, last_update timestamptz DEFAULT now());
CREATE TABLE inventory (inventory_id serial PRIMARY KEY, film_id int NOT NULL REFERENCES film, store_id int NOT NULL REFERENCES store);
CREATE TABLE rental (rental_id serial PRIMARY KEY, rental_period tstzrange NOT NULL, inventory_id int NOT NULL REFERENCES inventory, customer_id int NOT NULL REFERENCES customer, staff_id int NOT NULL REFERENCES staff);
CREATE TABLE payment (payment_id serial, customer_id int NOT NULL, staff_id int NOT NULL, rental_id int NOT NULL, amount numeric(5,2) NOT NULL, payment_date timestamptz NOT NULL, PRIMARY KEY (payment_date, payment_id)) PARTITION BY RANGE (payment_date);
DO $$BEGIN
  FOR m IN 1..6 LOOP
    EXECUTE format('CREATE TABLE payment_p2026_%s PARTITION OF payment FOR VALUES FROM (%L) TO (%L)', lpad(m::text, 2, '0'),
      make_timestamptz(2026, m, 1, 0, 0, 0, 'UTC'), make_timestamptz(2026, m + 1, 1, 0, 0, 0, 'UTC'));
    EXECUTE format('ALTER TABLE payment_p2026_%s ADD FOREIGN KEY (customer_id) REFERENCES customer, ADD FOREIGN KEY (rental_id) REFERENCES rental', lpad(m::text, 2, '0'));
  END LOOP;
END$$;
CREATE INDEX film_fulltext ON film USING gist (fulltext);
CREATE INDEX title ON film (title);
CREATE INDEX customer_last_name ON customer (last_name);
CREATE UNIQUE INDEX rental_unique ON rental (rental_period, inventory_id, customer_id);
CREATE INDEX payment_customer ON payment (customer_id);
CREATE TRIGGER film_fulltext_trigger BEFORE INSERT OR UPDATE ON film FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger('fulltext', 'pg_catalog.english', 'title', 'description');
CREATE TRIGGER last_updated BEFORE UPDATE ON film FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER last_updated BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION touch();
INSERT INTO country (country) SELECT 'Country ' || g FROM generate_series(1, 109) g;
INSERT INTO city (city, country_id) SELECT 'City ' || g, 1 + g * 7 % 109 FROM generate_series(1, 600) g;
INSERT INTO address (address, address2, district, city_id, phone) SELECT g || ' Ávenida', CASE g % 3 WHEN 0 THEN '' END, 'District ' || g % 50, 1 + g * 11 % 600, lpad(g::text, 12, '5') FROM generate_series(1, 603) g;
INSERT INTO language (name) VALUES ('English'), ('Italian'), ('Japanese'), ('Mandarin'), ('French'), ('German');
INSERT INTO film (title, description, release_year, language_id, length, rating, special_features) SELECT 'THE ' || upper(md5(g::text)), 'A story of ' || g || ' brave cats and a dog who must find a robot', 1990 + g % 36, 1 + g % 6, 60 + g % 120, (enum_range(NULL::rating))[1 + g % 5], ARRAY['Trailers', 'Deleted Scenes'] FROM generate_series(1, 1000) g;
INSERT INTO actor (first_name, last_name) SELECT 'First' || g, 'Last' || g % 120 FROM generate_series(1, 200) g;
INSERT INTO film_actor (actor_id, film_id) SELECT DISTINCT 1 + g * 31 % 200, 1 + g * 17 % 1000 FROM generate_series(1, 5462) g;
INSERT INTO store (manager_staff_id, address_id) VALUES (1, 1), (2, 2);
INSERT INTO staff (first_name, store_id, picture) VALUES ('Mike', 1, '\x89504e470d0a5a0a'), ('Jon', 2, NULL);
ALTER TABLE store ADD FOREIGN KEY (manager_staff_id) REFERENCES staff;
INSERT INTO customer (store_id, first_name, last_name, email, address_id) SELECT 1 + g % 2, 'C' || g, 'L' || g, 'c' || g || '@example.org', 1 + g % 603 FROM generate_series(1, 599) g;
INSERT INTO inventory (film_id, store_id) SELECT 1 + g * 13 % 1000, 1 + g % 2 FROM generate_series(1, 4581) g;
INSERT INTO rental (rental_period, inventory_id, customer_id, staff_id) SELECT tstzrange('2026-01-01 00:00+00'::timestamptz + g * interval '15 min', '2026-01-03 00:00+00'::timestamptz + g * interval '15 min'), 1 + g * 19 % 4581, 1 + g * 23 % 599, 1 + g % 2 FROM generate_series(1, 8000) g;
INSERT INTO payment (customer_id, staff_id, rental_id, amount, payment_date) SELECT customer_id, staff_id, rental_id, 0.99 + rental_id % 9, lower(rental_period) FROM rental;
CREATE VIEW film_list AS SELECT f.film_id, f.title, f.rating, group_concat(a.first_name || ' ' || a.last_name) AS actors FROM film f JOIN film_actor USING (film_id) JOIN actor a USING (actor_id) GROUP BY f.film_id;
CREATE MATERIALIZED VIEW rental_by_rating AS SELECT f.rating, count(*) AS rentals FROM rental JOIN inventory USING (inventory_id) JOIN film f USING (film_id) GROUP BY 1 WITH DATA;
CREATE UNIQUE INDEX rental_by_rating_key ON rental_by_rating (rating);
CREATE FUNCTION film_in_stock(p_film_id int, p_store_id int, OUT p_film_count int) RETURNS SETOF int LANGUAGE sql AS $_$
  SELECT inventory_id FROM inventory WHERE film_id = $1 AND store_id = $2; $_$;
