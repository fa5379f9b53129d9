INSERT INTO ps_aors (id, max_contacts) VALUES ('alice', '99999999999');
