INSERT INTO ps_endpoints (id, allow, disallow) VALUES ('alice', 'ulaw,alaw', 'alaw');
