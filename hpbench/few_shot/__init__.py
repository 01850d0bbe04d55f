"""Few-shot learning: episodes, learners, meta-training; learn2learn is met here alone."""
