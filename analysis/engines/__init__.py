"""Where the folding is done: in this process and others beside it, or on a cluster."""
