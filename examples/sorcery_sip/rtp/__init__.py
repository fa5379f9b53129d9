"""Media without sockets, clock or chance: RTP and RTCP packets, G.711, tones, sound files, digits."""
