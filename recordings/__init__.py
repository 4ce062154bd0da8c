"""What was said: every answered visit's recording, from the switch's folder into the store, or a reason why not.

Start reading at `recordings/domain/recording.py` (the life of one), then `recordings/domain/verdict.py` (when a file is
final and what becomes of it), then `recordings/service/recorder.py`.
"""
