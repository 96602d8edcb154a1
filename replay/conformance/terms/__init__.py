"""What judges of several families ask of evidence, by subject: grants, calls, ends, browsers."""
