"""Calls, agents, queues, numbers and the live stream over HTTP."""
