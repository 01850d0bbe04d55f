"""The Python interface, whose names `import hpbench` offers."""
