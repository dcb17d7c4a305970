"""Where the money goes, common claims about it, and alternative allocations."""
