"""Customers touch the outside here: tables, the numbering plan, files."""
