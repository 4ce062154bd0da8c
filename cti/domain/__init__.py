"""Calls, agents, queues and their arithmetic: pure, no clock, no input or output."""
