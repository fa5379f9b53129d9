INSERT INTO ps_endpoints (id, allow) VALUES ('alice', '!all,ulaw');
