"""The command line. Heavy rooms are imported inside the commands that need them."""
