"""The front door: settings, command line, wiring; the only folder that may import all others."""
