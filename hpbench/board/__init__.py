"""The leaderboard: its file, its checks, the ranking and how rows are published."""
