"""Customers, their numbers and tiers, and the rules of an import: pure, no clock, no input or output."""
