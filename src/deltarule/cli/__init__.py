"""The command ``deltarule``."""
