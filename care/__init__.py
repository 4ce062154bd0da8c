"""What is owed to the customer: callbacks that were promised, callers who gave up and are found again; and what he said of us.

Five rooms, as in every package: `domain`, `ports`, `service`, `adapters`, `api`.
"""
