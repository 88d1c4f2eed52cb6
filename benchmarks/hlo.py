"""The source functions of the instructions of a compiled program, parsed from the compiler's text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Instruction:
    """An instruction: ``operation`` is JAX's name for it, ``functions`` is its call stack, the innermost first."""

    name: str
    operation: str
    functions: tuple[str, ...]


def parse_instructions(text: str) -> Iterator[Instruction]:
    """Parse the instructions of a program that have source information.

    >>> text = '''FunctionNames
    ... 1 "fit"
    ... 2 "Dense.forward"
    ...
    ... FileLocations
    ... 1 {file_name_id=1 function_name_id=1 line=5}
    ... 2 {file_name_id=2 function_name_id=2 line=9}
    ...
    ... StackFrames
    ... 1 {file_location_id=1 parent_frame_id=1}
    ... 2 {file_location_id=2 parent_frame_id=2}
    ...
    ... %dot.3 = f32[] dot(%a, %b), metadata={op_name="jit(f)/while/body/dot_general" stack_frame_id=2}'''
    >>> list(parse_instructions(text))
    [Instruction(name='dot.3', operation='dot_general', functions=('Dense.forward', 'fit'))]
    """
    names = dict(re.findall(r'^(\d+) "(.*)"$', _section(text, "FunctionNames"), re.MULTILINE))
    places = dict(re.findall(r"^(\d+) \{.*function_name_id=(\d+).*\}$", _section(text, "FileLocations"), re.MULTILINE))
    frames = {
        int(number): (names.get(places.get(place, ""), ""), int(parent) - 1)  # counted from 1; 0 means none
        for number, place, parent in re.findall(
            r"^(\d+) \{file_location_id=(\d+) parent_frame_id=(\d+)\}$", _section(text, "StackFrames"), re.MULTILINE
        )
    }
    found = re.finditer(r'%([\w.\-]+) = .*metadata=\{op_name="([^"]*)"(?: stack_frame_id=(\d+))?', text)
    for name, operation, frame in (match.groups() for match in found):
        yield Instruction(name, operation.rsplit("/", 1)[-1], tuple(_chain(frames, int(frame or 0))))


def _section(text: str, heading: str) -> str:
    """Return the lines below a heading, up to an empty line."""
    return text.partition(f"{heading}\n")[2].partition("\n\n")[0]


def _chain(frames: dict[int, tuple[str, int]], frame: int) -> Iterator[str]:
    while frame in frames:
        name, frame = frames[frame]
        yield name
