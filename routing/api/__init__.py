"""Routing over HTTP: decisions and their reasons, the policy and its versions."""
