"""What touches scorecard files and SQL for the `qa` package."""
