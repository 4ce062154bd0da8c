"""Recordings come in, are looked after, and are listened to."""
