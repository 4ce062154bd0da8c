"""The line to the switch, and the words everyone shares.

CTI: the computer hears what the telephone switch does and acts on it. Four words carry the flow and each is used for
one thing only: a *message* (a parsed AMI frame) becomes a *signal* (what the switch told, vendor-neutral), a signal an
*event* (what it means, past tense, CSTA names), an event calls *reactions* (what we do). An *action* is what we ask of
the switch, a *decision* a value a policy returns. Start reading at `cti/domain/signals.py`, then `cti/domain/calls.py`.
"""
