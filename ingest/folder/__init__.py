"""The landing folder: its names, its store, its locks, staged batches and the ledger. Needs no Spark."""
