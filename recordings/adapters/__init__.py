"""What touches sound files, folders, SQL and policy files for the `recordings` package."""
