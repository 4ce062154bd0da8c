"""The database and the policy file."""
