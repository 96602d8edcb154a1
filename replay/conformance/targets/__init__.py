"""What is tested, where that is not a system between a client and a service."""
