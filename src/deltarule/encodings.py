"""How labels become desired outputs, and outputs labels again: ``Dataset(x, y, encoding=Bits(4))``."""

from deltarule.data.encodings import Bits, Encoding, OneHot, OneVsRest, Real

__all__ = ["Bits", "Encoding", "OneHot", "OneVsRest", "Real"]
