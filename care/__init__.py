"""What is owed to the customer: callbacks that were promised, and callers who gave up and are found again.

Five rooms, as in every package: `domain`, `ports`, `service`, `adapters`, `api`.
"""
