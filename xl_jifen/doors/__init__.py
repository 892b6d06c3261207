"""The doors: command line, ribbon, worksheet functions. They take arguments and say what a verb did."""
