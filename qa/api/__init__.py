"""Quality over HTTP: scorecards and reviews, and what they have to do with satisfaction."""
