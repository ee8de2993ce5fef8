"""Clients and watchers: programs for the client host and the nodes of a lab, one file each."""
