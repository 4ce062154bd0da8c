"""Recordings over HTTP: found, looked at, listened to, written notes to."""
