INSERT INTO ps_aors (id, max_contacts, remove_existing) VALUES ('a_b', 1, 'yes');
INSERT INTO ps_contacts (id, uri, expiration_time) VALUES ('axb^3B@0', 'sip:x@192.0.2.9', 4000000000);
