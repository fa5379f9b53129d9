INSERT INTO ps_endpoints (id, allow, auth, aors) VALUES ('alice', 'ulaw', 'alice', 'alice');
INSERT INTO ps_auths (id, username, password) VALUES ('alice', 'alice', 'fieHo7eiPhah2Oog');
DROP TABLE ps_aors;
