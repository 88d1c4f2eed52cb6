"""The lab: a place in the browser where a network learns before one's eyes, and reads what one draws."""
