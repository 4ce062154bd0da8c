"""Who is served first, and why.

The switch keeps the queue; we say how early a caller counts as having come. Start reading at
`routing/domain/priority.py`, then `routing/service/router.py`.
"""
