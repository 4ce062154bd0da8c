"""What happens to customers."""
