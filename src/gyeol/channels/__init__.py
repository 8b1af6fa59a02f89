"""How it gets there: messages, the outbox and channel Protocols, adapters. No gates."""
