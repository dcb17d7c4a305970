"""Safe reading and writing of single files: untrusted content, checksums, atomic writes."""
