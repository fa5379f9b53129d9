INSERT INTO ps_endpoints (id, allow, tenantid, security_negotiation) VALUES ('alice', 'ulaw', 'acme', 'no');
