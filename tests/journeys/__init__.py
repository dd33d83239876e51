"""Stories across all services, over HTTP and in a real browser."""
