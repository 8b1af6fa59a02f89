"""How the offers that passed every gate are put in order: by rule, by formula, or by a policy that learns."""
