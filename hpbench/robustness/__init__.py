"""The robustness protocol's parts: what is disturbed, how strategies are asked, attacks."""
