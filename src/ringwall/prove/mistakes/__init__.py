"""How far a network is from failing: depth between tiers, and single mistakes."""
