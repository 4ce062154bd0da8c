"""What happens to callbacks and rescues."""
