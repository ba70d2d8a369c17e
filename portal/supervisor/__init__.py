"""``manage.py up``: starts the parts of a one-machine portal, watches them, and stops them in order."""
