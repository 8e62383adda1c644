"""Programs that run in the user's account; each file is put whole into the template."""
