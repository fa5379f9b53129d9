"""A SIP stack without sockets, clock or chance inside; `io` and `client` put them around it."""
