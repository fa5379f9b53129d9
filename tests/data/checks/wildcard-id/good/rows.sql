INSERT INTO ps_aors (id, max_contacts, remove_existing) VALUES ('a_b', 1, 'yes');
