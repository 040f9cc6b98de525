"""The agents' web pages, rendered by the server."""
