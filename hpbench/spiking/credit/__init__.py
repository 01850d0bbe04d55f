"""Rules that replace the backward pass: which error reaches a hidden layer, and what it makes of it."""
