"""What it changed: figures as Ibis expressions over the lake's tables. Opens no connection."""
