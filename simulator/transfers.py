"""Passing a caller on: at once, or after a word with the colleague."""

from simulator.channels import Channel
from simulator.conversation import Conversation
from simulator.dialplan import Dialplan
from simulator.exchange import Exchange
from simulator.floor import Visit
from simulator.frames import bridge_headers, channel_headers


def conversation_of(channel: Channel) -> Conversation | None:
    return channel.activity if isinstance(channel.activity, Conversation) else None


def blind(exchange: Exchange, dialplan: Dialplan, by: Channel, context: str, exten: str) -> bool:
    """The other one is sent to an extension, `by` is out. False when `by` talks to nobody."""
    conversation = conversation_of(by)
    if conversation is None:
        return False
    transferee = conversation.other(by)
    conversation.take_off_hold(by)
    exchange.announce.say("BlindTransfer", "call", [("Result", "Success")], channel_headers(by, "Transferer"),
                          channel_headers(transferee, "Transferee"), bridge_headers(conversation.bridge),
                          [("IsExternal", "Yes"), ("Context", context), ("Extension", exten)])  # fmt: skip
    exchange.cel.write("BLINDTRANSFER", by, extension=exten, context=context, bridge_id=conversation.bridge.uniqueid,
                       transferee_channel_name=transferee.name,
                       transferee_channel_uniqueid=transferee.uniqueid)  # fmt: skip
    if conversation.talk is not None:
        conversation.talk.blind_transferred(exten, context)
    conversation.part()
    exchange.remove(by)
    dialplan.go(transferee, context, exten)
    return True


def redirect(exchange: Exchange, dialplan: Dialplan, channel: Channel, context: str, exten: str) -> None:
    """AMI Redirect: the channel is taken out of whatever it does; whoever it talked to is put down."""
    conversation = conversation_of(channel)
    if conversation is not None:
        other = conversation.other(channel)
        channel.context, channel.exten, channel.priority = context, exten, 1
        conversation.part()
        exchange.remove(other)  # app_queue goes on waiting for the caller's own hang-up: channel.talk stays
    elif isinstance(channel.activity, Visit):
        channel.activity.taken_away()
    dialplan.go(channel, context, exten)
