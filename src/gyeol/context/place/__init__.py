"""Place: which region a point lies in, shops and fences, where somebody usually is. Pure; no input or output."""
