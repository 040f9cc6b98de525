"""The customers' own door: control-panel pages and the signed links of our mails."""
