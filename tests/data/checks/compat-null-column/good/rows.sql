INSERT INTO ps_aors (id, remove_existing) VALUES ('alice', 'yes');
