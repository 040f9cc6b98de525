"""The phone line: webhooks, the call as a state table, speech and keys to values."""
