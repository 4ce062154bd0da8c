"""What is owed, and when: pure."""
