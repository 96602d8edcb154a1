"""One pass over recordings, whole or in parts: from lines to facts."""
