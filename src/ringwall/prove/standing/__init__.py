"""The questions that may be asked of any network, one module for each kind of answer."""
