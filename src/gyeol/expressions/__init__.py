"""Conditions and formulas over traits and the Moment: one text, evaluated in NumPy, compiled to Ibis, read as a sentence."""
