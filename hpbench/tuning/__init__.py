"""Search over settings by Optuna: on the validation part, resumable, its runs those of a sweep."""
