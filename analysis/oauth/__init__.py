"""What observers know of OAuth: tokens and their shapes, grants, issuers, refusals."""
