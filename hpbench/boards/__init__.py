"""Leaderboards ("boards", one CSV file per scenario): reading, checking, ranking and publishing rows."""
