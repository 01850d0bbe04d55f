"""What tested inputs are put through: noise, losses and attacks, at rising levels."""
