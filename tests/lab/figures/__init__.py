"""What each figure of the lessons must do: a module for each, with its moves, the answers to its questions, and checks.

``MOVES`` are the effects of its controls, ``ANSWERS`` has values of the controls for each question, in their order.
"""
