"""What governance contributes to the sidebar, to the search and to histories."""
