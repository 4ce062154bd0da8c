"""Scorecards, scores and reviews: pure, no clock, no input or output."""
