"""Who the callers are and what they are worth.

A telephone number leads to a `Customer`, a customer has a `Tier`, a tier says what we owe him. Start reading at
`customers/domain/customer.py`, then `customers/service/desk.py`.
"""
