"""What wiretape costs, beside the tools one would use instead: ratios of one interleaved run."""
