"""hpbench: continual and few-shot learning benchmarks for hybrid-plasticity spiking networks."""
