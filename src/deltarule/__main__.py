"""``python -m deltarule`` is the command ``deltarule``, for a shell that does not find it."""

from deltarule.cli.__main__ import run

run()
