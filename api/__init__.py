"""The doors for other systems: the REST API, and trouble tickets as TM Forum and MEF write them."""
