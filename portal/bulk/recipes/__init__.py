"""How an unknown outcome is settled: one recipe per class of effect, and per operation where it needs its own."""

from portal.bulk.recipes.base import Finding, Found, Look, Recipe
from portal.bulk.recipes.registry import baseline_of, baseline_reads, recipe_for, remembers

__all__ = ["Finding", "Found", "Look", "Recipe", "baseline_of", "baseline_reads", "recipe_for", "remembers"]
