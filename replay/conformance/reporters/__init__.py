"""What people and scripts see of a run; each reporter is a pure function of the report."""
