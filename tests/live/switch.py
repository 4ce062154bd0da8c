"""Scripted scenarios on the real switch, for the live tests: `play`, and the phones it is made of."""

from tools.pbx import Pbx, PbxMissing, free_port
from tools.sip.ami import AmiLine, AmiRefused, Frame
from tools.sip.phones import SippAgent, SippCaller, SippConsult
from tools.sip.play import Stage, play
from tools.sip.stage import did, prepare, site_for

__all__ = [
    "AmiLine",
    "AmiRefused",
    "Frame",
    "Pbx",
    "PbxMissing",
    "SippAgent",
    "SippCaller",
    "SippConsult",
    "Stage",
    "did",
    "free_port",
    "play",
    "prepare",
    "site_for",
]
