"""Few-shot learning: episodes, learners, meta-training. The only package that uses learn2learn."""
