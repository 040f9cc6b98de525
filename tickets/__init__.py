"""The life of a ticket: which contact becomes what, what it changes, and which answer it gets."""
