"""What pages ask for: shapes and types only. Whether something may be done, the actions decide."""
