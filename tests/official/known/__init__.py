"""What is known of the service, and how the report of its recording says it."""
