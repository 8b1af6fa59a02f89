"""What we choose: placements, offers, gates, ranking, reasons."""
