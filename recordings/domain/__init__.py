"""Recordings and their rules: pure, no clock, no input or output."""
