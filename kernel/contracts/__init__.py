"""Values and protocols that cross apps."""
