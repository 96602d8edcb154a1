"""The profile: everything known of a service, for people to read and for replay to act on."""
