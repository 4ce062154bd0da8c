"""Reviews are proposed, claimed and scored."""
