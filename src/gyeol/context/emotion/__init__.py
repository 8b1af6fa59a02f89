"""Emotion from text, Korean and English: what texts say, how a person feels, whether a complaint is open, which tone fits.

    text.py       normalising, Hangul as jamo
    features.py   pieces of text as hashes; recipes.py: which pieces a part reads
    parts.py      sums of weights; nets.py: small recurrent nets; model.py: both mixed and calibrated, and the shipped weights
    threads.py    one thread for products of small matrices
    score.py      polarity, intensity, confidence, label; aspects. topics.py: what is spoken of. explain.py: why
    trend.py      how a person feels lately, a monoid; complaint.py: open complaints, a monoid; tone.py: the tone to speak in

Text only, no network, NumPy alone. How the weights are made: ``gyeol.predict.emotion``; what they can do: docs/emotion.md.
"""
