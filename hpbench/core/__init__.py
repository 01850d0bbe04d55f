"""What every package here uses: settings, runs, columns, errors. Imports no other package of hpbench."""
