"""Fuzzing of all readers: `make fuzz` runs each for a while, guided by the coverage of its code, and prints a table.

A reader may raise an error of deltarule and nothing else, and an input of a few kilobytes may take it some seconds and
a gigabyte. It needs the extra ``fuzz`` (atheris: Linux, Python 3.11 to 3.13). ``python -m fuzz.repeat TARGET FILE``
repeats an input.
"""
