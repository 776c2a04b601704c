"""How rows of the register look: cells, columns, and the sources of lists."""
