"""The names of the classes that are no digit."""

NO_DIGIT = "no digit"
"""The class of pieces that are half a digit or more than one, in networks also trained on wrongly cut pieces."""

MARK = "other mark"
"""The class of whole marks that are no digit, such as letters."""

NO_ANSWERS = (NO_DIGIT, MARK)
"""The names of the classes that are no digit."""
