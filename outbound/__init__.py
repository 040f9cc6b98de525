"""Writes the answers to customers and delivers them."""
