"""Fake servers, one per network, written from the fact sheets.

They never import an adapter: a simulator that shares code with what it tests
proves nothing.
"""
