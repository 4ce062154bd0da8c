"""What happens on the floor: monitoring, popping, counting."""
