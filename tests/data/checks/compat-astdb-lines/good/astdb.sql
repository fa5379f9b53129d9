INSERT INTO astdb VALUES ('/phones/aor/alice', '{"contact":"sip:192.0.2.1"}');
