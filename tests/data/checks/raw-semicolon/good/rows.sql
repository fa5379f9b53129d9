INSERT INTO ps_aors (id, max_contacts, remove_existing, outbound_proxy, contact) VALUES ('alice', 1, 'yes', 'sip:192.0.2.1:5060^3Blr', 'sip:192.0.2.1;sip:192.0.2.2');
