"""How much demand is coming, to which tier and for which specialist, and how sure that is."""
