"""Networks with weights and biases set by hand: bumps, towers, chains of neurons (chapters 4 and 5)."""
