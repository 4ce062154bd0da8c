"""Priority, decisions and their words, the waiting line, preflight rules: pure, no clock, no input or output."""
