"""The experiments of the book: one command runs each, and prints the published figures beside the measured ones."""
