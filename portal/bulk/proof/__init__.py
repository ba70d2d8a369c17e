"""Proof tools: a model of the engine walked at random (``manage.py bulk_walk``), and the chaos driver."""
