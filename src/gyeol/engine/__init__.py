"""The loop: records in order → resolve → fold → audiences → act; timers, snapshots, recovery, the sender."""
