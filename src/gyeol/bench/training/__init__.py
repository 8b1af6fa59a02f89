"""How the models that the package carries were learned."""
