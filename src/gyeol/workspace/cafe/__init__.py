"""A made-up Korean coffee chain with known truth: who is who, what each offer really changes, what people
intend, by place and weather too, and feel.

Nothing of it is measured of real people. Where the shops stand, how the weather was and the Korean calendar are real; everything else is
drawn from distributions that stand in these files, by a seed: the same seed gives the same bytes.
"""
