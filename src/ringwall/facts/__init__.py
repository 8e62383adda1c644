"""AWS truths as dated data files with their source, and the one loader."""
