"""A switch that tells more than can be heard does not keep everybody else waiting."""

import asyncio

import pytest
import uvloop

from cti.adapters.ami.protocol import READ, AmiProtocol
from cti.adapters.ami.translation import TRANSLATIONS

FRAME = b"Event: Hangup\r\nPrivilege: call,all\r\nChannel: PJSIP/1\r\nUniqueid: 1\r\nLinkedid: 1\r\nCause: 16\r\n\r\n"
FLOOD = FRAME * 60_000  # some 6 MB


class Counting(AmiProtocol):
    """How much it read since somebody else last had a turn."""

    def __init__(self):
        self.heard, self.without_pause, self.most = 0, 0, 0
        super().__init__(TRANSLATIONS, self.hear, lambda: 0.0)

    def hear(self, _message):
        self.heard += 1

    def data_received(self, data):
        self.without_pause += len(data)
        self.most = max(self.most, self.without_pause)
        super().data_received(data)


async def flooded():
    async def tell(_reader, writer):
        writer.write(b"Asterisk Call Manager/11.0.0\r\n" + FLOOD)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(tell, "127.0.0.1", 0)
    async with server:
        loop = asyncio.get_running_loop()
        transport, reader = await loop.create_connection(Counting, *server.sockets[0].getsockname())
        turns = 0
        async with asyncio.timeout(60):
            while reader.heard < FLOOD.count(b"Event"):
                reader.without_pause = 0
                turns += 1
                await asyncio.sleep(0)
        transport.close()
    return reader, turns


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_others_have_their_turn_after_each_read(loop):
    with asyncio.Runner(loop_factory=loop) as runner:
        reader, turns = runner.run(flooded())
    assert reader.heard == FLOOD.count(b"Event")  # and nothing is left behind
    assert reader.most <= READ
    assert turns >= len(FLOOD) // READ
