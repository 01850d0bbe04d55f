"""What every room speaks of: settings, runs, records, columns, errors. Imports nothing of ours."""
