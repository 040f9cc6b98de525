"""Real SIP calls on loopback through Asterisk: `make test-pbx`."""
