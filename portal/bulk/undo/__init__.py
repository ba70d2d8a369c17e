"""Undo: a job that takes back what another one did, as far as that can be done, with a dry run of its own."""
