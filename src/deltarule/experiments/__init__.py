"""The experiments of the book: each by one command, its published figures beside the measured ones."""
