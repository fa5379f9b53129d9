INSERT INTO ps_aors (id, max_contacts, remove_existing, outbound_proxy) VALUES ('alice', 1, 'yes', 'sip:192.0.2.1:5060;lr');
