"""How well it was said: stored recordings become reviews, reviews get a score that can be explained.

Start reading at `qa/domain/scorecard.py` (what is asked, and how it adds up), then `qa/domain/review.py` (who reviews
what), then `qa/service/review_desk.py`.
"""
