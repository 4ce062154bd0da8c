"""The line to Asterisk."""
