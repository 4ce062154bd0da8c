"""What a command answers when it cannot do what it was asked."""


class Refused(Exception):
    """The sentence says why, and what to do."""
