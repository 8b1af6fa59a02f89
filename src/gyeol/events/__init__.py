"""What happened: events, batches, the tracking plan, verdicts, the four timestamps, the frames of the log."""
