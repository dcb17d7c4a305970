"""Reading and writing single files safely: untrusted bytes, checksums, moves in one step."""
