"""The only wiring: settings, which storage, which channels, start and stop."""
