"""A journal that is never written down."""


class Unwritten:
    """Remembers what it was told, in order."""

    def __init__(self):
        self.position = 0
        self.told = []

    def _keep(self, *what):
        self.position += 1
        self.told.append(what)

    def message(self, frame, at):
        self._keep("message", frame, at)

    def held(self):
        self._keep("held")

    def released(self):
        self._keep("released")

    def signal(self, signal):
        self._keep("signal", signal)

    def knowledge(self, event):
        self._keep("knowledge", event)

    def tick(self, at):
        self._keep("tick", at)
