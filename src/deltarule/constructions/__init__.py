"""Networks whose weights and biases are set by hand: bumps, towers, chains of neurons (chapters 4 and 5)."""
