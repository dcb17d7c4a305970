"""What was issued, what reviewers decided and why, and what was reported: lines that are only ever added."""
