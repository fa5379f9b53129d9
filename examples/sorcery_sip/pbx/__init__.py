"""A small PBX: channels, bridges, and the dialplan that moves them; it knows no SIP."""
