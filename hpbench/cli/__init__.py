"""The command line. Packages that load torch are imported inside the commands that need them."""
