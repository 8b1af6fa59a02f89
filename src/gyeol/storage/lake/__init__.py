"""The long memory: a DuckLake (Parquet files and a SQLite catalog) written from the log, read with SQL."""
