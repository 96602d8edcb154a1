"""What conclusions are drawn with: what is usual, which lines show it, in which words."""
