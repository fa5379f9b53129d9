INSERT INTO ps_auths (id, username, password) VALUES ('alice', 'alice', 'geheim;fieHo7eiPhah2Oog');
