"""The nouns. Standard library only; every other room imports this one, it imports none."""
