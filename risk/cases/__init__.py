"""Reviews proposed transfers, one or millions: misuse risk, binding law, and the conditions to ask for."""
