"""What will happen. Empty until the prediction capability is built."""
