"""Local learning rules as pure functions of tensors."""
