"""Pages about people: one's own, and those of the administrators."""
