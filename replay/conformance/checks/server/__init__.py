"""What is asked of a server: that it behaves as a profile has it."""
