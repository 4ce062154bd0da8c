"""What happens to callers on their way into a queue."""
