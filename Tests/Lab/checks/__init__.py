"""What is checked on the results of each scenario; a module each, named alike."""
