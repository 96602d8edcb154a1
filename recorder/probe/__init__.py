"""The scripted client that walks a service through its life, so that a recording shows it all."""
