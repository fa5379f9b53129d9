INSERT INTO ps_endpoints (id, allow, security_negotiation) VALUES ('alice', 'ulaw', 'no');
