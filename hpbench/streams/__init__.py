"""Builds tasks from data: streams of experiences, clean or with disturbed tests. Called by scenario files."""
