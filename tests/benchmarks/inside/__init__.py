"""What the benchmark adds to a served clinic: three views of its own, nothing in the product."""
